"""What rules about embedding ask: the host, and the shell's Python beside it."""

from __future__ import annotations

from collections.abc import Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import Host, Python, World


def host(case: Case) -> tuple[Host, Python] | None:
    """The host and the Python inside of it; None for any other target, and where its libpython was not found."""
    world = case.facts.main
    return (world.host, world.python) if world.host is not None and world.python is not None else None


def pair(case: Case) -> tuple[Python, World, Python] | None:
    """The Python inside of the host, and the world of the shell's Python with that Python."""
    found, beside = host(case), case.facts.beside
    if found is None or beside is None or beside.python is None:
        return None
    return found[1], beside, beside.python


def named(names: Sequence[str]) -> str:
    """`numpy, pyphi and 3 more`."""
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown

"""NPD207: PYTHONPATH of a Nix shell puts store folders before the packages of a venv or of another's Python."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import PathEntry, in_store
from nixpydoctor.findings import Finding, Severity, Shadowing, rule
from nixpydoctor.imports.sites import foreign

_SHOWN = 4


@rule(
    "NPD207",
    Severity.WARNING,
    "a Nix shell's PYTHONPATH reaches another environment",
    symptoms=(
        r"Requirement already satisfied: \S+ in /nix/store/\S+/site-packages",
        r"cannot import name '\w+' from '[\w.]+' \(/nix/store/\S+/site-packages/\S+\)",
    ),
)
def leaked_pythonpath(case: Case) -> Iterator[Finding]:
    """One finding: a warning where the environment's own version of something is hidden."""
    world = case.facts.main
    python = world.python
    if python is None or (world.venv is None and in_store(case.process.executable)):
        return
    leaked = [entry for entry in python.path if entry.by == "PYTHONPATH" and entry.provider in ("nix", "nix-env")]
    leaked = [entry for entry in leaked if not foreign(python, entry)]
    places = {entry.path: entry for entry in leaked}
    brought = [dist for dist in world.dists if dist.location in places]
    if not brought:
        return
    own = {dist.key: dist for dist in world.hidden if dist.location not in places and dist.version}
    entries = {entry.path: entry for entry in python.path}
    pairs = [(dist, own[dist.key]) for dist in brought if dist.key in own]
    changed = [(dist, hidden) for dist, hidden in pairs if dist.version != hidden.version]
    whose = "the venv" if world.venv is not None else "a Python that is not Nix's"
    message = f"PYTHONPATH puts {_folders(leaked)} from the Nix store before the packages of {whose}"
    if changed:
        hides = ", ".join(
            f"{dist.name} {dist.version} instead of {hidden.version}" for dist, hidden in changed[:_SHOWN]
        )
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        message += f": imports get {hides}{more}"
    yield leaked_pythonpath.finding(
        leaked[0].path,
        message,
        leaked[0],
        *(
            Shadowing(dist.top_level[0] if dist.top_level else dist.name, dist.location, places[dist.location],
                      (entries[hidden.location],))
            for dist, hidden in changed[:_SHOWN]
        ),
        severity=Severity.WARNING if changed else Severity.NOTE,
        detail="PYTHONPATH",
    )  # fmt: skip


def _folders(entries: list[PathEntry]) -> str:
    return "a folder" if len(entries) == 1 else f"{len(entries)} folders"

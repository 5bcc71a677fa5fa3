"""NPD313: a site folder holds what pip renamed in order to delete it, and did not delete."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import join
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import listed


@rule(
    "NPD313",
    Severity.NOTE,
    "an update that pip did not finish left folders behind",
    symptoms=(r"Ignoring invalid distribution (?P<dist>[~-]\S+)",),
)
def unfinished_uninstall(case: Case) -> Iterator[Finding]:
    """One note per folder: nothing imports them, but the update that made them may have left more undone."""
    python = case.facts.main.python
    for entry in python.path if python is not None else ():
        left = sorted(name for name in case.disk.names(entry.path) or () if name.startswith("~"))
        if left and entry.provider != "project":
            paths = [join(entry.path, name) for name in left]
            yield unfinished_uninstall.finding(
                entry.path,
                f"{entry.path} holds {listed(paths, 'leftover')} of an update that was not finished",
                Place(paths[0], "pip gives such names to what it is about to delete"),
                detail=" ".join(left[:4]),
            )

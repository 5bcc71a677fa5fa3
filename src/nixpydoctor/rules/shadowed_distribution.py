"""NPD206: a source tree or a stray file stands where an import should find a distribution or the standard library."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.imports.winners import hidden_library, lost
from nixpydoctor.rules.common import instead, shadowing, where


@rule(
    "NPD206",
    Severity.ERROR,
    "a source tree or stray file hides what an import should find",
    symptoms=(
        r"you should not try to import (?P<module>\w+) from",
        r"C extension: .* not built\. If you want to import pandas from the source directory",
        r"No module named '(?P<module>\w+)\.[\w.]+'; '\w+' is not a package",
    ),
)
def shadowed_distribution(case: Case) -> Iterator[Finding]:
    """One finding for each name on the path that every start has; a script's own folder is NPD211's."""
    for dist, winner in case.shadows:
        gone = lost(((dist, winner),), case.winners.finder)
        breaks = tuple(sorted({name for path in gone.values() for name in case.breaks(path)}))
        single = winner.module.places is None and any(offer.module.places for offer in winner.shadowed)
        what = f"{where(winner)} hides {dist.name} {dist.version}"
        if gone:
            what += f", whose {_parts(len(gone))} it lacks"
        elif single:
            what += ", whose submodules it cannot have"
        yield shadowed_distribution.finding(
            where(winner),
            what,
            shadowing(winner),
            severity=Severity.ERROR if breaks else Severity.WARNING if single else Severity.NOTE,
            dist=dist,
            breaks=breaks,
            detail=winner.name,
        )
    for winner in hidden_library(case.winners):
        yield shadowed_distribution.finding(
            where(winner),
            f"{where(winner)} is what `import {winner.name}` gets {instead(winner)}",
            shadowing(winner),
            severity=Severity.NOTE,
            detail=winner.name,
        )


def _parts(number: int) -> str:
    return "compiled part" if number == 1 else f"{number} compiled parts"

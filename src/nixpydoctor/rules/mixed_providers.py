"""NPD204: a distribution is on sys.path twice, from two providers, and what was built beside one gets the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nixpydoctor.case import Case
from nixpydoctor.facts import Dist, FsPath, PathEntry, Python
from nixpydoctor.findings import Finding, Place, Severity, Shadowing, rule
from nixpydoctor.imports.sites import foreign

_SAME = {"nix-env": "nix"}
"""Providers whose packages are built alike."""


@rule(
    "NPD204",
    Severity.WARNING,
    "a distribution comes from two providers",
    symptoms=(
        r"module compiled against ABI version 0x\w+ but this version of numpy is 0x\w+",
        r"A module that was compiled using NumPy 1\.x cannot be run in",
        r"numpy\.dtype size changed, may indicate binary incompatibility",
    ),
)
def mixed_providers(case: Case) -> Iterator[Finding]:
    """One finding for each hidden distribution of another version; what PYTHONPATH hides in a venv is NPD207's."""
    world = case.facts.main
    if world.python is None or not world.hidden:
        return
    entries = {entry.path: entry for entry in reversed(world.python.path)}
    first = {dist.key: dist for dist in reversed(world.dists)}
    for hidden in world.hidden:
        winner = first.get(hidden.key)
        if winner is None or not hidden.version or winner.version == hidden.version:
            continue
        above, below = entries[winner.location], entries[hidden.location]
        if _kin(above, below) or _spoken_of(world.python, case, above, below):
            continue
        built = [dist for dist in world.dists if _beside(dist, winner, below, entries)]
        half = [name for name in hidden.top_level if name not in winner.top_level and _from(case, name, hidden)]
        message = f"{winner.name} {winner.version} ({above.provider}) hides {hidden.version} ({below.provider})"
        if built:
            message += f", and {_list(built)} from there, compiled beside {hidden.version}, will meet it"
        if half:
            message += f"; {', '.join(half)} still comes from the hidden one"
        major = winner.version.partition(".")[0] != hidden.version.partition(".")[0]
        yield mixed_providers.finding(
            winner.location,
            message,
            Shadowing(hidden.top_level[0] if hidden.top_level else hidden.name, winner.location, above, (below,)),
            *(Place(dist.extensions[0], f"is a compiled part of {dist.name} {dist.version}") for dist in built[:3]),
            severity=Severity.WARNING if built and major else Severity.NOTE,
            dist=winner,
            detail=f"{above.provider} before {below.provider}",
        )


def _kin(above: PathEntry, below: PathEntry) -> bool:
    return _SAME.get(above.provider, above.provider) == _SAME.get(below.provider, below.provider)


def _spoken_of(python: Python, case: Case, above: PathEntry, below: PathEntry) -> bool:
    """By NPD203 or NPD207."""
    leaked = above.by == "PYTHONPATH" and above.provider in ("nix", "nix-env") and case.facts.main.venv is not None
    return leaked or foreign(python, above) or foreign(python, below)


def _beside(dist: Dist, winner: Dist, below: PathEntry, entries: Mapping[FsPath, PathEntry]) -> bool:
    """Whether `dist` was compiled where the hidden one is, and uses it."""
    return bool(dist.extensions) and winner.key in dist.requires and _kin(entries[dist.location], below)


def _from(case: Case, name: str, hidden: Dist) -> bool:
    winner = case.winners.winner(name)
    return winner is not None and winner.entry is not None and winner.entry.path == hidden.location


def _list(dists: list[Dist]) -> str:
    names = ", ".join(f"{dist.name} {dist.version}" for dist in dists[:3])
    return names if len(dists) < 4 else f"{names} and {len(dists) - 3} more"

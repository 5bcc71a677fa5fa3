"""Tells whether what was found explains why a module could not really be imported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nixpydoctor.facts import FsPath, Imported, leaf

if TYPE_CHECKING:
    from nixpydoctor.case import Case


def explains(case: Case, outcome: Imported) -> bool:
    """Whether what is known to keep this module from being imported is what its error names."""
    for path in case.unloadable:
        if _dies_of(case, outcome, path):
            fate = case.fate(path)
            words = [path, *(soname for soname, _ in fate.missing), *(fault.version for fault in fate.faults)]
            words += [symbol for _, symbol in case.unbound(path)]
            if any(word in outcome.error for word in words):
                return True
    for top, path in _unseen(case):
        named = top in outcome.error if top != outcome.name else f"{top}." in outcome.error
        named = named or leaf(path).partition(".")[0] in outcome.error
        if named and _dies_of(case, outcome, path):
            return True
    return any(
        outcome.name in (*site.breaks, *site.undecided) and any(name in outcome.error for name in site.opening.names)
        for site in case.reach.sites
    )


def _dies_of(case: Case, outcome: Imported, path: FsPath) -> bool:
    return outcome.name in (*case.breaks(path), *case.undecided(path))


def _unseen(case: Case) -> Iterator[tuple[str, FsPath]]:
    """Compiled modules that this Python does not find where it looks, each with its top-level package."""
    for dist in case.facts.main.dists:
        for path in dist.foreign:
            yield path[len(dist.location) + 1 :].partition("/")[0].partition(".")[0], path
    for name, path in case.lost.items():
        yield name.partition(".")[0], path

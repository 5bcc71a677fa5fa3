"""NPD508: Python code asks `find_library` for a library that the loader has, and the answer is None."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import unseen_by_find_library


@rule(
    "NPD508",
    Severity.ERROR,
    "find_library does not see a library that is there",
    symptoms=(
        r"AttributeError: \S*/python[\d.]*: undefined symbol: ",
        r"find_library\(.+\) (?:returned|returns|is) None",
    ),
)
def find_library_blind(case: Case) -> Iterator[Finding]:
    """One finding per place in the code; where the library is nowhere, NPD102 says so."""
    for site in case.reach.sites:
        held = unseen_by_find_library(case, site.opening.names)
        if held is None:
            continue
        owner = f"{site.dist.name} {site.dist.version}" if site.dist is not None else site.opening.site
        yield find_library_blind.finding(
            site.opening.site,
            f"{owner} asks find_library for {held[0]}, which finds nothing here, although the loader has {held[1]}",
            site.opening,
            Place(held[1], "is where the loader of this Python looks"),
            dist=site.dist,
            severity=Severity.ERROR if site.breaks else Severity.NOTE,
            breaks=site.breaks,
            undecided=site.undecided,
            detail=held[0],
        )

"""NPD311: one site folder holds the metadata of two versions of the same distribution."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Dist
from nixpydoctor.findings import Finding, Severity, rule


@rule(
    "NPD311",
    Severity.NOTE,
    "two versions of a distribution are installed in one folder",
    symptoms=(
        r"detected an older version of (?P<module>\w+) in",
        r"The package `(?P<dist>[^`]+)` has multiple installed distributions",
    ),
)
def duplicate_metadata(case: Case) -> Iterator[Finding]:
    """A note: the files of the one that was unpacked last are there, and chance decides which version is reported."""
    found: dict[tuple[str, str], list[Dist]] = {}
    for dist in case.facts.main.dists:
        if dist.version:
            found.setdefault((dist.location, dist.key), []).append(dist)
    for (location, _), same in found.items():
        versions = sorted({dist.version for dist in same})
        if len(versions) > 1:
            yield duplicate_metadata.finding(
                same[0].location,
                f"{same[0].name} is in {location} in {len(versions)} versions: {' and '.join(versions)}",
                *same,
                dist=same[0],
                detail=f"{same[0].key} {' '.join(versions)}",
            )

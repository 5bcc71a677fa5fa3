"""NPD308: a distribution's RECORD lists modules that are no longer there."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Dist, join, leaf
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import severity


@rule(
    "NPD308",
    Severity.ERROR,
    "files that RECORD lists are gone",
    symptoms=(
        r"We found no compiled module, did NumPy build successfully",
        r"No module named '(?P<module>\w+\._\w+)'",
    ),
)
def record_mismatch(case: Case) -> Iterator[Finding]:
    """Whole modules and extension modules only: NPD103 speaks of bundled libraries, and nobody reads every file."""
    for dist in case.facts.main.dists:
        missing = [name for name in dist.lost if not _elsewhere(case, dist, name)]
        all_of_it = not dist.top_level
        for name in missing:
            named = all_of_it or name == dist.key.replace("-", "_")
            yield record_mismatch.finding(
                join(dist.location, name),
                f"{dist.name} {dist.version} is installed without its module {name}",
                Place(join(dist.location, name), "RECORD lists it, the disk lacks it"),
                dist=dist,
                severity=Severity.ERROR if named else Severity.NOTE,
                breaks=(name,) if named else (),
                detail=name,
                loads=False,
            )
        for path in dist.vanished:
            if not any(path.startswith(f"{join(dist.location, name)}/") for name in dist.lost):
                yield record_mismatch.finding(
                    path,
                    f"{dist.name} {dist.version} is installed without its compiled module {leaf(path)}",
                    Place(path, "RECORD lists it, the disk lacks it"),
                    dist=dist,
                    severity=severity(case, path),
                    breaks=case.breaks(path),
                    undecided=case.undecided(path),
                    detail=leaf(path),
                    loads=False,
                )


def _elsewhere(case: Case, dist: Dist, name: str) -> bool:
    """Whether another entry of sys.path has a module of that name: then its import does not fail."""
    python = case.facts.main.python
    entries = [entry.path for entry in python.path] if python is not None else []
    names = (case.disk.names(path) or frozenset() for path in entries if path != dist.location)
    return any(name in there or f"{name}.py" in there for there in names)

"""NPD104: a file with the name of an object is none, and the loader stops at it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.rules.common import severity
from nixpydoctor.rules.dyld import about, no_library, refused


@rule(
    "NPD104",
    Severity.ERROR,
    "a file named like an object cannot be loaded as one",
    symptoms=(
        r"(?P<path>\S+): (?:invalid ELF header|file too short|cannot read file data)",
        r"(?P<path>\S+): only ET_DYN and ET_EXEC can be loaded",
        r"(?P<path>\S+): cannot dynamically load (?:position-independent )?executable",
        r"'(?P<path>[^']+)' \((?:slice is )?not a mach-o file",
        r"'(?P<path>[^']+)' \(cannot link against bundle",
        r"mach-o file, but not a dylib or bundle",
        r"incompatible platform \(have '(?P<have>[^']+)', need 'macOS'",
    ),
)
def invalid_object(case: Case) -> Iterator[Finding]:
    """The object itself, or a candidate at which the search for one of its needs ends."""
    for path in case.unloadable:
        dist = case.owner(path)
        bad = case.unusable(path)
        if bad is not None:
            yield invalid_object.finding(
                path,
                f"{case.title(path)}: {bad.reason}, so this file cannot be loaded",
                bad,
                dist=dist,
                severity=severity(case, path),
                detail=bad.reason,
                loads=False,
                breaks=case.breaks(path),
                undecided=case.undecided(path),
            )
            continue
        for search in () if case.dyld else case.missing(path):
            if search.invalid is not None:
                yield invalid_object.finding(
                    path,
                    f"{case.title(path)} needs {search.needed}, and the loader stops at a file of that name: "
                    f"{search.invalid.reason}",
                    search,
                    search.invalid,
                    dist=dist,
                    severity=severity(case, path),
                    detail=search.needed,
                    loads=False,
                    breaks=case.breaks(path),
                    undecided=case.undecided(path),
                )
    yield from _on_a_mac(case)


def _on_a_mac(case: Case) -> Iterator[Finding]:
    """There the search goes on, and fails if nothing else is found."""
    for found in refused(case):
        if no_library(found.reason):
            needs = f" needs {found.search.needed}, and {found.file} is none" if found.search is not None else ""
            yield about(found, invalid_object, case, f"{case.title(found.subject)}{needs}: {found.reason}")

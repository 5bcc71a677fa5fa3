"""NPD103: a library that the wheel brought along is no longer where it was."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import leaf
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import bundled, severity


@rule(
    "NPD103",
    Severity.ERROR,
    "a bundled library is gone",
    symptoms=(r"(?P<soname>[^\s:/]+-[0-9a-f]{8}\S*\.so\S*): cannot open shared object file",),
)
def bundled_library_gone(case: Case) -> Iterator[Finding]:
    """One finding per object and bundled library: its own wheel brought it, so no system can supply it."""
    for path in case.unloadable:
        for search in case.missing(path):
            home = bundled(case, search.needed)
            if home is None or search.invalid is not None:
                continue
            listed = (Place(home, "RECORD lists it, the disk lacks it"),) if home != leaf(home) else ()
            yield bundled_library_gone.finding(
                path,
                f"{case.title(path)} needs {search.needed}, which its wheel brought and which is gone",
                search,
                *listed,
                dist=case.owner(path),
                severity=severity(case, path),
                breaks=case.breaks(path),
                undecided=case.undecided(path),
                detail=search.needed,
                loads=False,
                hint="reinstall the distribution",
            )

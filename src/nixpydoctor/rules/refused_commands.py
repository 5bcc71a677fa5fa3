"""NPD605: this macOS refuses an image for its load commands, which an older or newer one takes."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Evidence, Finding, Place, Severity, rule
from nixpydoctor.rules.common import severity
from nixpydoctor.rules.dyld import COMMANDS, refused


@rule(
    "NPD605",
    Severity.ERROR,
    "this macOS refuses how a file was linked",
    symptoms=(
        r"duplicate LC_RPATH '(?P<path>[^']+)'",
        r"duplicate linked dylib '(?P<soname>[^']+)'",
        r"missing LC_UUID load command",
        r"missing LC_LOAD_DYLIB",
        r"found LC_ID_DYLIB found in non-MH_DYLIB",
        r"MH_DYLIB is missing LC_ID_DYLIB",
    ),
)
def refused_commands(case: Case) -> Iterator[Finding]:
    """One finding per image that cannot be loaded because of it."""
    for found in refused(case):
        if not found.reason.startswith(COMMANDS):
            continue
        evidence: tuple[Evidence, ...] = (found.search,) if found.search is not None else ()
        yield refused_commands.finding(
            found.subject,
            f"{case.title(found.subject)} cannot be loaded on {case.facts.platform.name}: {found.reason}",
            Place(found.file, found.reason),
            *evidence,
            dist=case.owner(found.subject),
            severity=severity(case, found.subject) if found.subject != case.process.executable else Severity.ERROR,
            breaks=case.breaks(found.subject),
            undecided=case.undecided(found.subject),
            detail=found.file,
            loads=False,
        )

"""NPD604: macOS refuses an image whose code signature is absent or no longer fits it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Evidence, Finding, Place, Severity, rule
from nixpydoctor.rules.common import severity
from nixpydoctor.rules.dyld import SIGNING, refused


@rule(
    "NPD604",
    Severity.ERROR,
    "a code signature is absent or does not fit the file",
    symptoms=(
        r"code signature invalid in (?:<[^>]*> )?'(?P<path>[^']+)'",
        r"code signature invalid \(errno=\d+\)",
        r"code signature does not cover entire file",
        r"Code Signature Invalid",
        r"Killed: 9",
    ),
)
def broken_signature(case: Case) -> Iterator[Finding]:
    """One finding per image that cannot be loaded because of it."""
    for found in refused(case):
        says = SIGNING.get(found.reason)
        if says is None:
            continue
        evidence: tuple[Evidence, ...] = (found.search,) if found.search is not None else ()
        yield broken_signature.finding(
            found.subject,
            f"{case.title(found.subject)} cannot be loaded: {found.file} {says}",
            Place(found.file, says),
            *evidence,
            dist=case.owner(found.subject),
            severity=severity(case, found.subject) if found.subject != case.process.executable else Severity.ERROR,
            breaks=case.breaks(found.subject),
            undecided=case.undecided(found.subject),
            detail=found.file,
            loads=False,
        )

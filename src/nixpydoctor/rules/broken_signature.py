"""NPD604: macOS refuses an image whose code signature is absent or no longer fits it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.rules.dyld import SIGNING, about, refused


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
        if says is not None:
            message = f"{case.title(found.subject)} cannot be loaded: {found.file} {says}"
            yield about(found, broken_signature, case, message, says)

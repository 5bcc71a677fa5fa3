"""NPD605: this macOS refuses an image for its load commands, which an older or newer one takes."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.rules.dyld import COMMANDS, about, refused


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
        if found.reason.startswith(COMMANDS):
            message = f"{case.title(found.subject)} cannot be loaded on {case.facts.platform.name}: {found.reason}"
            yield about(found, refused_commands, case, message)

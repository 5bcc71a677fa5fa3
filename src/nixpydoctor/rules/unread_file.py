"""NPD901: something is there and could not be read, so nothing is said about it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule


@rule(
    "NPD901",
    Severity.NOTE,
    "a file could not be read",
    symptoms=(r"Permission denied: '(?P<path>[^']+)'", r"(?P<path>\S+): Permission denied"),
)
def unread_file(case: Case) -> Iterator[Finding]:
    """One finding per file or folder: what could not be examined is never passed over in silence."""
    seen = set()
    for unread in (*case.facts.unread, *case.reach.unread):
        if unread.path not in seen:
            seen.add(unread.path)
            yield unread_file.finding(
                unread.path,
                f"not examined: {unread.reason}",
                unread,
                dist=case.owner(unread.path),
                detail=unread.reason,
            )

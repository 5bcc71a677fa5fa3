"""NPD901: something is there and could not be read, so nothing is said about it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Unread
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.imports.sites import pth_files, site_folders


@rule(
    "NPD901",
    Severity.NOTE,
    "a file could not be read",
    symptoms=(r"Permission denied: '(?P<path>[^']+)'", r"(?P<path>\S+): Permission denied"),
)
def unread_file(case: Case) -> Iterator[Finding]:
    """One finding per file or folder: what could not be examined is never passed over in silence."""
    seen = set()
    for unread in (*case.facts.unread, *case.reach.unread, *_pth(case)):
        if unread.path not in seen:
            seen.add(unread.path)
            yield unread_file.finding(
                unread.path,
                f"not examined: {unread.reason}",
                unread,
                dist=case.owner(unread.path),
                detail=unread.reason,
            )


def _pth(case: Case) -> Iterator[Unread]:
    """Files that Python itself reads at every start: one that is no regular file makes it wait."""
    python, disk = case.facts.main.python, case.disk
    for folder in site_folders(python) if python is not None else ():
        for file in pth_files(folder, disk):
            if isinstance(text := disk.text(file), Unread):
                yield text

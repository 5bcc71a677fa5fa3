"""NPD602: an image of macOS names a library by a path that no machine has."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.rules.common import severity
from nixpydoctor.rules.dyld import failed, odd_name, taken_and_left


@rule(
    "NPD602",
    Severity.ERROR,
    "a library is named by a path that no machine has",
    symptoms=(
        (
            r"Library not loaded: '?(?P<soname>/nix/store/e{32}-[^\s']+|/(?:private/)?tmp/nix-build-[^\s']+"
            r"|(?![@/])[^\s'@/][^\s']*)"
        ),
    ),
)
def impossible_install_name(case: Case) -> Iterator[Finding]:
    """A scrubbed reference, a build folder, or a bare name: a mistake of whoever built the file."""
    for path, search in failed(case):
        why = odd_name(search.needed)
        if not why or taken_and_left(search) is not None:
            continue
        yield impossible_install_name.finding(
            path,
            f"{case.title(path)} needs {search.needed}, which is {why}",
            search,
            dist=case.owner(path),
            severity=severity(case, path) if path != case.process.executable else Severity.ERROR,
            breaks=case.breaks(path),
            undecided=case.undecided(path),
            detail=search.needed,
            loads=False,
        )

"""NPD107: an object was built for musl and the process has glibc, or the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.rules.common import is_other_libc, severity


@rule(
    "NPD107",
    Severity.ERROR,
    "an object was built for another C library",
    symptoms=(
        r"(?P<soname>libc\.musl-[\w]+\.so\.\d+): cannot open shared object file",
        r"Error loading shared library (?P<soname>ld-linux[^:]*): No such file or directory",
        r"Error relocating \S+: \S+: symbol not found",
    ),
)
def foreign_c_library(case: Case) -> Iterator[Finding]:
    """One finding per object: no path to any library makes it load here."""
    loader = case.process.loader
    if loader is None:
        return
    other = "musl" if loader.family == "glibc" else "glibc"
    for path in case.unloadable:
        for search in case.missing(path):
            if not is_other_libc(case, search.needed):
                continue
            yield foreign_c_library.finding(
                path,
                f"{case.title(path)} was built for {other} ({search.needed}), this Python runs on {loader.family}",
                search,
                dist=case.owner(path),
                severity=severity(case, path),
                breaks=case.breaks(path),
                undecided=case.undecided(path),
                detail=search.needed,
                loads=False,
            )
            break

"""NPD607: one import on macOS maps two copies of a library of which a process must have one."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, leaf
from nixpydoctor.findings import Finding, Place, Severity, rule

_ONE = ("libc++.", "libc++abi.", "libomp.", "libiomp5.", "libgomp.")
"""The C++ runtime and the OpenMP runtimes keep state that two copies do not share."""


@rule(
    "NPD607",
    Severity.WARNING,
    "one import maps two copies of a runtime library",
    symptoms=(r"OMP: Error #15: Initializing (?P<soname>\S+), but found \S+ already initialized",),
)
def two_of_a_library(case: Case) -> Iterator[Finding]:
    """One finding per pair of files; the same library in two packages that do not need each other is usual."""
    if not case.dyld:
        return
    told: set[tuple[FsPath, FsPath]] = set()
    for path in case.extensions:
        copies: dict[str, FsPath] = {}
        for search in case.trace(path).resolutions if case.fate(path).loads else ():
            found = search.found
            if found is None or not leaf(found.path).startswith(_ONE):
                continue
            first = copies.setdefault(leaf(found.path), found.path)
            if first == found.path or (first, found.path) in told:
                continue
            told.add((first, found.path))
            yield two_of_a_library.finding(
                path,
                f"{case.title(path)} brings two copies of {leaf(first)} into one process: {first} and {found.path}",
                Place(first, "is mapped first"),
                Place(found.path, f"is mapped beside it, for {search.requester}"),
                dist=case.owner(path),
                detail=leaf(first),
                breaks=case.breaks(path),
            )

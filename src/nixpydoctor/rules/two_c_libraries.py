"""NPD108: a part of a C library comes from elsewhere than the loader that maps it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, FsPath
from nixpydoctor.findings import Evidence, Finding, Place, Severity, rule
from nixpydoctor.loader.trace import LinkMap
from nixpydoctor.rules.c_libraries import C_MEMBERS, foreign_members, own_c_library, same_release


@rule(
    "NPD108",
    Severity.ERROR,
    "two C libraries meet in one process",
    symptoms=(
        r"symbol lookup error: (?P<path>\S+): undefined symbol: \S+, version GLIBC_PRIVATE",
        (
            r"relocation error: (?P<path>\S+): symbol \S+, version GLIBC_PRIVATE not defined in file \S+"
            r" with link time reference"
        ),
    ),
)
def two_c_libraries(case: Case) -> Iterator[Finding]:
    """The started process first, then each extension that brings a foreign part along."""
    own = own_c_library(case.process.loader, case.disk)
    if own is None:
        return
    told: set[FsPath] = set()
    for found in foreign_members(case.image.objects, own):
        told.add(found.path)
        yield two_c_libraries.finding(
            case.process.executable,
            f"Python starts with {found.soname} of another C library: {found.path}",
            *_evidence(case, case.image, found),
            severity=_severity(case, found),
            detail=str(found.soname),
            loads=_severity(case, found) is not Severity.ERROR,
        )
    if not case.starts or not any(foreign_members(_drawn(case), own)):
        return
    for path in case.extensions:
        for name in case.fate(path).objects:
            found_one = case.object(name)
            if found_one is None or found_one.soname not in C_MEMBERS or name in told:
                continue
            for found in foreign_members((found_one,), own):
                told.add(found.path)
                broken = _severity(case, found) is Severity.ERROR
                yield two_c_libraries.finding(
                    path,
                    f"{case.title(path)} brings {found.soname} of another C library: {found.path}",
                    *_evidence(case, case.trace(path), found),
                    dist=case.owner(path),
                    severity=Severity.WARNING,
                    detail=str(found.soname),
                    loads=not broken,
                )


def _drawn(case: Case) -> Iterator[Elf]:
    """Of a thousand objects, those that may be a part of a C library."""
    for found in map(case.disk.objects, case.drawn):
        if isinstance(found, tuple) and found and found[0].soname in C_MEMBERS:
            yield found[0]


def _severity(case: Case, found: Elf) -> Severity:
    """Two builds of one release mostly get along; two releases do not share their private symbols."""
    loader = case.process.loader
    same = loader is not None and same_release(loader, found, case.disk)
    return Severity.WARNING if same else Severity.ERROR


def _evidence(case: Case, image: LinkMap, found: Elf) -> Iterator[Evidence]:
    for step in image.resolutions:
        if step.found is not None and step.found.identity == found.identity:
            yield step
            break
    loader = case.process.loader
    if loader is not None:
        yield Place(loader.real, f"the loader, of glibc {loader.version or 'of unknown release'}")

"""NPD108: a part of a C library comes from elsewhere than the loader that maps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, FsPath, Object, join, parent
from nixpydoctor.findings import Evidence, Finding, Place, Severity, rule
from nixpydoctor.loader.trace import LinkMap
from nixpydoctor.rules.common import C_MEMBERS


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
    own = _own(case)
    if own is None:
        return
    told: set[FsPath] = set()
    for found in _foreign(case.image.objects, own):
        told.add(found.path)
        yield two_c_libraries.finding(
            case.process.executable,
            f"Python starts with {found.soname} of another C library: {found.path}",
            *_evidence(case, case.image, found),
            severity=_severity(case, found),
            detail=str(found.soname),
            loads=_severity(case, found) is not Severity.ERROR,
        )
    if not case.starts or not any(_is_foreign(case, path, own) for path in case.drawn):
        return
    for path in case.extensions:
        for name in case.fate(path).objects:
            found_one = case.object(name)
            if found_one is None or found_one.soname not in C_MEMBERS or name in told:
                continue
            for found in _foreign((found_one,), own):
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


def _own(case: Case) -> Mapping[str, tuple[int, int]] | None:
    """Soname → identity of the loader's own C library, or None where it is not glibc."""
    loader = case.process.loader
    if loader is None or loader.family != "glibc":
        return None
    own: dict[str, tuple[int, int]] = {}
    for folder in (parent(loader.real), *loader.system_dirs):
        names = case.disk.names(folder) or frozenset()
        for soname in C_MEMBERS & names:
            found = case.object(join(folder, soname))
            if found is not None and soname not in own:
                own[soname] = found.identity
    return own


def _is_foreign(case: Case, path: FsPath, own: Mapping[str, tuple[int, int]]) -> bool:
    found = case.object(path)
    return found is not None and any(_foreign((found,), own))


def _foreign(objects: tuple[Object, ...], own: Mapping[str, tuple[int, int]]) -> Iterator[Elf]:
    for found in objects:
        soname = found.soname
        if soname is not None and soname in C_MEMBERS and soname in own and own[soname] != found.identity:
            yield found


def _severity(case: Case, found: Elf) -> Severity:
    """Two builds of one release mostly get along; two releases do not share their private symbols."""
    loader = case.process.loader
    beside = case.object(join(parent(found.path), "libc.so.6"))
    theirs = _release(beside if beside is not None else found)
    return Severity.WARNING if loader is not None and theirs == loader.version else Severity.ERROR


def _release(libc: Elf) -> str | None:
    """`2.36` for a libc whose newest version node is GLIBC_2.36."""
    numbers = [
        tuple(int(part) for part in version.removeprefix("GLIBC_").split("."))
        for version in libc.verdef or ()
        if version.removeprefix("GLIBC_").replace(".", "").isdigit()
    ]
    return ".".join(str(part) for part in max(numbers)) if numbers else None


def _evidence(case: Case, image: LinkMap, found: Elf) -> Iterator[Evidence]:
    for step in image.resolutions:
        if step.found is not None and step.found.identity == found.identity:
            yield step
            break
    loader = case.process.loader
    if loader is not None:
        yield Place(loader.real, f"the loader, of glibc {loader.version or 'of unknown release'}")

"""What belongs to one build of a C library, and why a program does not start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, Loader, Object, Process, join, leaf, parent
from nixpydoctor.findings import Evidence, Place
from nixpydoctor.loader import start
from nixpydoctor.loader.trace import Resolution

C_MEMBERS = frozenset(
    f"lib{name}.so.{number}"
    for name, number in (
        ("c", 6), ("m", 6), ("mvec", 1), ("pthread", 0), ("dl", 2), ("rt", 1), ("util", 1), ("resolv", 2),
        ("anl", 1), ("nsl", 1), ("thread_db", 1), ("BrokenLocale", 1),
    )
)  # fmt: skip
"""Sonames that belong to one build of glibc: its loader and these share private symbols."""

_LONERS = ("libm.so.6", "libmvec.so.1")
"""Measured: Pythons start with those of another release, where the versions that they want are there."""


def own_c_library(loader: Loader | None, disk: Disk) -> Mapping[str, tuple[int, int]] | None:
    """Soname → identity of the loader's own C library, or None where it is not glibc."""
    if loader is None or loader.family != "glibc":
        return None
    own: dict[str, tuple[int, int]] = {}
    for folder in (parent(loader.real), *loader.system_dirs):
        names = disk.names(folder) or frozenset()
        for soname in C_MEMBERS & names:
            found = disk.objects(join(folder, soname))
            if isinstance(found, tuple) and found and soname not in own:
                own[soname] = found[0].identity
    return own


def foreign_members(objects: Iterable[Object], own: Mapping[str, tuple[int, int]]) -> Iterator[Elf]:
    """Those of the objects that are a part of a C library, and not of this one."""
    for found in objects:
        soname = found.soname
        if soname is not None and soname in C_MEMBERS and soname in own and own[soname] != found.identity:
            yield found


def same_release(loader: Loader, found: Elf, disk: Disk) -> bool:
    """Whether a part of a C library is of the loader's release: two builds of one mostly get along, two releases
    do not share their private symbols. Mathematics alone hardly uses any.
    """
    if found.soname in _LONERS:
        return True
    beside = disk.objects(join(parent(found.path), "libc.so.6"))
    libc = beside[0] if isinstance(beside, tuple) and beside else found
    return _release(libc) == loader.version


def _release(libc: Elf) -> str | None:
    """`2.36` for a libc whose newest version node is GLIBC_2.36."""
    numbers = [
        tuple(int(part) for part in version.removeprefix("GLIBC_").split("."))
        for version in libc.verdef or ()
        if version.removeprefix("GLIBC_").replace(".", "").isdigit()
    ]
    return ".".join(str(part) for part in max(numbers)) if numbers else None


def start_trouble(process: Process, disk: Disk) -> tuple[str, Evidence] | None:
    """Why a program does not start, as the rest of a sentence, and what proves it; None where it does."""
    image = start(process, disk)
    if image.failure is not None:
        return f"{image.failure.path}: {image.failure.reason}", image.failure
    for search in image.missing:
        what = search.invalid.reason if search.invalid is not None else "is not found"
        needed = f"needs {search.needed}, which {what}"
        return f"{leaf(search.requester)} {needed}", Place(search.requester, needed)
    for fault in image.faults:
        if not fault.weak:
            return f"{fault.provider} does not provide {fault.version}", fault
    loader = process.loader
    own = own_c_library(loader, disk)
    for found in foreign_members(image.objects, own) if own is not None else ():
        if loader is not None and not same_release(loader, found, disk):
            place = Place(loader.real, f"its loader, of glibc {loader.version or 'of unknown release'}")
            return f"it gets {found.path}, a part of another C library", place
    return None


def ignored_preloads(case: Case, names: Iterable[str]) -> Iterator[tuple[Resolution, str]]:
    """Which of these preloads the loader passes over, and its words for why."""
    wanted = frozenset(names)
    for search in case.image.ignored:
        if search.needed in wanted:
            reasons = [attempt.reason for attempt in search.attempts if attempt.reason]
            yield search, reasons[-1] if reasons else "no such file"

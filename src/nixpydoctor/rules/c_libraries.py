"""What belongs to one build of a C library, and why a program does not start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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


class OwnLibrary:
    """The C library of one loader: of its members only those are looked at that somebody brings."""

    def __init__(self, loader: Loader, disk: Disk) -> None:
        self._disk = disk
        self._folders = (parent(loader.real), *loader.system_dirs)
        self._known: dict[str, tuple[int, int] | None] = {}

    def identity(self, soname: str) -> tuple[int, int] | None:
        """Of the file that is this member; None where there is no such member."""
        if soname not in C_MEMBERS:
            return None
        if soname not in self._known:
            self._known[soname] = self._look(soname)
        return self._known[soname]

    def _look(self, soname: str) -> tuple[int, int] | None:
        for folder in self._folders:
            found = self._disk.objects(join(folder, soname)) if soname in (self._disk.names(folder) or ()) else None
            if isinstance(found, tuple) and found:
                return found[0].identity
        return None


def own_c_library(loader: Loader | None, disk: Disk) -> OwnLibrary | None:
    """The loader's own C library, or None where it is not glibc."""
    return None if loader is None or loader.family != "glibc" else OwnLibrary(loader, disk)


def foreign_members(objects: Iterable[Object], own: OwnLibrary) -> Iterator[Elf]:
    """Those of the objects that are a part of a C library, and not of this one."""
    for found in objects:
        identity = own.identity(found.soname) if found.soname is not None else None
        if identity is not None and identity != found.identity:
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

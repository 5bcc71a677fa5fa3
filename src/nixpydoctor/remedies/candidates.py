"""Finds a folder of the Nix store that holds a missing library and fits the process: the Python's own things first.

A candidate is judged by the loader model itself: it must have the soname, the machine and the versions that are wanted,
and open in this very process without a second C library. What was built with another C library belongs to another
nixpkgs than the Python; it is taken only where the user names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import STORE, Elf, FsPath, in_store, join, leaf, parent
from nixpydoctor.knowledge.sonames import Attribute, attribute
from nixpydoctor.light import NamedTuple

_C_LIBRARY = ("libc.so.6", "libc.so", "libc.musl-", "ld-linux", "ld-musl", "ld64.so", "ld.so.1")


class Supply(NamedTuple):
    """What there is for one missing library."""

    folder: FsPath | None = None
    """To be put on a search path; None where nothing fits, or the choice is not ours."""
    equals: tuple[FsPath, ...] = ()
    """Other folders that would do as well: what two of them share need not be named twice."""
    rivals: tuple[FsPath, ...] = ()
    """Folders among which only the user can choose."""
    why: str = ""
    """Why there is no folder, as the end of a sentence about the soname."""


class Candidates:
    """What the store holds for one process, each soname looked up once."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._known: dict[tuple[str, frozenset[str]], Supply] = {}
        self._own: tuple[FsPath, ...] | None = None
        loader = case.process.loader
        self._libc = parent(loader.real) if loader is not None else None

    def supply(self, soname: str, versions: frozenset[str]) -> Supply:
        """A folder with `soname` whose library defines these versions."""
        key = (soname, versions)
        if key not in self._known:
            self._known[key] = self._found(soname, versions)
        return self._known[key]

    def _found(self, soname: str, versions: frozenset[str]) -> Supply:
        known = attribute(soname)
        if known is not None and not known.package:
            return Supply(why="comes with the GPU driver" if known.driver else "must not be put on a search path")
        reasons: list[str] = []
        named = self._fitting(self._named(), soname, versions, reasons)
        if named:
            return Supply(named[0], tuple(named[1:]))
        own = self._fitting(self._requisites(), soname, versions, reasons)
        if own:
            best, *equals = self._newest(own, soname)
            return Supply(best, tuple(equals))
        others = self._fitting(self._stored(known), soname, versions, reasons) if known is not None else []
        akin = self._newest([folder for folder in others if self._akin(folder, soname)], soname)
        if len(akin) == 1:
            return Supply(akin[0])
        if akin:
            return Supply(rivals=tuple(akin), why="is in the store more than once")
        if others:
            return Supply(rivals=tuple(others), why="is in the store, built with another C library")
        return Supply(why=reasons[0] if reasons else "is not in the store as far as its names tell")

    # ── where to look ────────────────────────────────────────────────────────────────────────────────────────────

    def _named(self) -> Iterator[FsPath]:
        for folder in self._case.facts.library_from:
            yield folder
            yield join(folder, "lib")

    def _requisites(self) -> tuple[FsPath, ...]:
        """The library folders of everything that the Python itself needs: of its own nixpkgs for sure."""
        if self._own is None:
            case = self._case
            inside = (path for path in (case.process.executable, *(obj.path for obj in case.image.objects)))
            python = next((path for path in inside if in_store(path) and parent(path) != self._libc), None)
            root = store_path(python) if python is not None else None
            paths = case.disk.requisites(root) if root is not None else ()
            self._own = tuple(join(path, "lib") for path in paths)
        return self._own

    def _stored(self, known: Attribute) -> Iterator[FsPath]:
        """The library folders of what is called as the package that should hold the soname."""
        for name in known.stored:
            for path in self._case.disk.stored(name):
                yield join(path, known.folder)

    # ── what fits ────────────────────────────────────────────────────────────────────────────────────────────────

    def _fitting(
        self, folders: Iterable[FsPath], soname: str, versions: frozenset[str], reasons: list[str]
    ) -> list[FsPath]:
        """The folders whose library would do; why the others would not goes to `reasons`."""
        found: dict[object, FsPath] = {}
        for folder in folders:
            names = self._case.disk.names(folder)
            if names is None or soname not in names:
                continue
            path = join(folder, soname)
            obj = self._case.object(path)
            why = "the folder holds a C library" if _has_c_library(names) else self._unfit(path, obj, soname, versions)
            if why:
                reasons.append(f"stands in {folder}, and {why}")
            elif obj is not None:
                found.setdefault(obj.identity, folder)  # a farm of links holds no other library
        return list(found.values())

    def _unfit(self, path: FsPath, obj: Elf | None, soname: str, versions: frozenset[str]) -> str:
        case = self._case
        if obj is None or obj.arch != case.arch:
            return "it is no object for this machine"
        if obj.soname != soname:
            return f"it calls itself {obj.soname}"
        lacking = versions.difference(obj.verdef) if obj.verdef is not None else ()
        if lacking:
            return f"it does not provide {min(lacking)}"
        fate = case.fate(path)
        faults = [fault for fault in fate.faults if not fault.weak]
        if faults:
            return f"it wants {faults[0].version} of {leaf(faults[0].provider)}, which this Python's is too old for"
        if not fate.loads:
            return f"it does not load here itself: {fate.missing[0][0]} is missing" if fate.missing else "it is broken"
        foreign = [part for part in fate.objects if self._foreign(part)]
        return f"it brings another C library ({foreign[0]})" if foreign else ""

    def _foreign(self, part: FsPath) -> bool:
        """Whether an object that would be mapped is a member of a C library that is not the process's."""
        known = attribute(leaf(part))
        return known is not None and known.forbidden and parent(part) != self._libc

    def _akin(self, folder: FsPath, soname: str) -> bool:
        """Whether the library was built with the process's own C library, as far as its search path tells."""
        obj = self._case.object(join(folder, soname))
        path = (obj.runpath or obj.rpath or "") if obj is not None else ""
        others = [part for part in path.split(":") if self._is_c_library(part)]
        return not others or self._libc in others

    def _is_c_library(self, folder: str) -> bool:
        names = self._case.disk.names(FsPath(folder)) if in_store(folder) else None
        return names is not None and _has_c_library(names)

    def _newest(self, folders: list[FsPath], soname: str) -> list[FsPath]:
        """Those whose library defines every version that the others define; all where none is ahead."""
        defines = {folder: frozenset(self._versions(folder, soname)) for folder in folders}
        best = [folder for folder in folders if all(defines[folder] >= other for other in defines.values())]
        return best or folders

    def _versions(self, folder: FsPath, soname: str) -> tuple[str, ...]:
        obj = self._case.object(join(folder, soname))
        return (obj.verdef or ()) if obj is not None else ()


def store_path(path: str) -> FsPath | None:
    """`/nix/store/<hash>-<name>` of something inside the store."""
    return FsPath(STORE + path[len(STORE) :].partition("/")[0]) if in_store(path) else None


def _has_c_library(names: Iterable[str]) -> bool:
    return any(name.startswith(_C_LIBRARY) for name in names)

"""Finds the distributions of a Python and sorts their objects: extensions, foreign ones, libraries, programs, gone.

RECORD says whom an object belongs to, the folder says what is there; where RECORD is missing or wrong the folder wins.
What counts as an extension is what the import system would take (`importlib.machinery.EXTENSION_SUFFIXES`, PEP 3149),
except that a plain `.so` must also define its `PyInit_` function: most such files are libraries.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from nixpydoctor.facts import Dist, FsPath, PathEntry, Python, join, leaf, normalize, parent
from nixpydoctor.files import HERE, Files
from nixpydoctor.formats.exports import exports
from nixpydoctor.light import dataclass, field, replace
from nixpydoctor.probes.folders import Note
from nixpydoctor.probes.metadata import Metadata
from nixpydoctor.probes.openers import opens
from nixpydoctor.probes.scan import Scan, scan

if TYPE_CHECKING:
    from nixpydoctor.probes.ahead import Ahead

PYTHON = "python"
"""The name under which the standard library's own extensions are examined."""

_FOREIGN = re.compile(r"\.(?:cpython-|pypy|graalpy|abi3|cp3)[^/]*\.so\Z")
"""A tag of some Python (PEP 3149): where this Python does not take it, another would."""


class Site:
    """The folders of sys.path, each scanned at most once."""

    def __init__(self, note: Note, files: Files = HERE, ahead: Ahead | None = None) -> None:
        self._ahead = ahead
        self._note = note
        self._files = files
        self._scans: dict[tuple[str, bool], Scan | None] = {}

    def scan(self, folder: FsPath, *, project: bool = False) -> Scan | None:
        """The scan of a folder, made now or before."""
        key = (folder, project)
        if key not in self._scans:
            self._scans[key] = scan(folder, self._note, project=project, files=self._files, ahead=self._ahead)
        return self._scans[key]

    def dists(self, python: Python) -> tuple[tuple[Dist, ...], tuple[Dist, ...]]:
        """Every distribution that this Python would import from, in the order of sys.path, and the shadowed ones."""
        every: list[list[Dist]] = []
        places: set[str] = set()
        for entry in python.path:
            real = self._files.realpath(entry.path)
            found = self.scan(entry.path, project=entry.provider == "project") if real not in places else None
            places.add(real)
            every.append([*_dists(entry, found, python, self._files)] if found is not None else [])
        held = {path for dists in every for dist in dists if dist.version for path in _objects(dist)}
        out: list[Dist] = []
        hidden: list[Dist] = []
        seen: set[str] = set()
        for dists in every:
            for dist in dists:
                if not dist.version:
                    dist = _without(dist, held)
                    held.update(_objects(dist))
                if dist.key not in seen or not dist.version:
                    out.append(dist)
                else:
                    hidden.append(dist)
            seen.update(dist.key for dist in out)
        return tuple(out), tuple(hidden)


def _dists(entry: PathEntry, found: Scan, python: Python, files: Files) -> Iterable[Dist]:
    if leaf(entry.path) == "lib-dynload":
        return _standard_library(found, python, files)
    return _Sorting(entry.path, found, python, files).dists()


def _objects(dist: Dist) -> tuple[FsPath, ...]:
    return (*dist.extensions, *dist.foreign, *dist.libraries)


def _without(dist: Dist, held: set[FsPath]) -> Dist:
    """One that only its files tell of, without those of another: a folder of sys.path may lie inside of another."""
    if held.isdisjoint(_objects(dist)):
        return dist
    parts = (dist.extensions, dist.foreign, dist.libraries)
    left = [tuple([path for path in part if path not in held]) for part in parts]
    return replace(dist, extensions=left[0], foreign=left[1], libraries=left[2])


def _standard_library(found: Scan, python: Python, files: Files) -> Iterable[Dist]:
    sorting = _Sorting(found.listing.root, found, python, files)
    shares = _Shares()
    for path in found.listing.objects:
        sorting.sort(path, shares)
    yield Dist(
        name=PYTHON,
        version=python.version,
        location=found.listing.root,
        top_level=tuple(sorted({leaf(path).partition(".")[0] for path in shares.extensions})),
        extensions=tuple(shares.extensions),
        foreign=tuple(shares.foreign),
        libraries=tuple(shares.libraries),
    )


@dataclass(slots=True)
class _Shares:
    """A distribution's objects while they are being sorted."""

    extensions: list[FsPath] = field(default_factory=list)
    foreign: list[FsPath] = field(default_factory=list)
    libraries: list[FsPath] = field(default_factory=list)


class _Sorting:
    """One folder of sys.path and the Python that imports from it."""

    def __init__(self, location: FsPath, found: Scan, python: Python, files: Files) -> None:
        self._files = files
        self._location = location
        self._found = found
        self._python = python
        self._tagged = tuple(suffix for suffix in python.suffixes if suffix.count(".") > 1)
        self._names = frozenset(found.listing.names)
        self._dylibs = python.platform == "darwin"
        self._objects = [path for path in found.listing.objects if self._ours(path)]
        self._native = {_module(path, suffix) for path in self._objects for suffix in python.suffixes
                        if path.endswith(suffix)}  # fmt: skip

    def dists(self) -> Iterable[Dist]:
        """The distributions of this folder, then those that only their files know of."""
        listed = set(self._objects)
        owner = {path: dist for dist in self._found.dists if dist.record is not None for path in dist.record.objects}
        tops = self._tops()
        shares: dict[str, _Shares] = {}
        for path in self._objects:
            dist = owner.get(path) or tops.get(path.partition("/")[0])
            self.sort(path, shares.setdefault(dist.name if dist is not None else _unowned(path), _Shares()))
        for dist in self._found.dists:
            yield self._dist(dist, shares.pop(dist.name, _Shares()), listed)
        for name, share in shares.items():
            yield Dist(name, "", self._location, None, top_level=self._importable([name, f"{name}.so"], share),
                       extensions=tuple(share.extensions), foreign=tuple(share.foreign),
                       libraries=tuple(share.libraries))  # fmt: skip

    def _tops(self) -> Mapping[str, Metadata]:
        """Who owns a top-level name: by RECORD, by top_level.txt, or by being called so."""
        tops: dict[str, Metadata] = {}
        for dist in self._found.dists:
            names = dist.record.tops if dist.record is not None else frozenset(dist.top_level or ())
            for name in names or {dist.name, normalize(dist.name).replace("-", "_")}:
                tops.setdefault(name, dist)
        return tops

    def _dist(self, dist: Metadata, share: _Shares, listed: set[str]) -> Dist:
        record = dist.record
        recorded = record.objects if record is not None else ()
        outside, gone = self._elsewhere([path for path in recorded if self._ours(path)], listed)
        programs = self._elsewhere(record.programs if record is not None else (), listed)[0]
        top_level = self._top_level(dist, share)
        return Dist(
            name=dist.name,
            version=dist.version,
            location=self._location,
            installer=dist.installer,
            tags=dist.tags,
            requires=dist.requires,
            top_level=top_level,
            extensions=tuple(share.extensions),
            foreign=tuple(share.foreign),
            libraries=(*share.libraries, *outside),
            programs=tuple(path for path in programs if _is_elf(path, self._files)),
            gone=gone,
            lost=self._lost(record.sources) if record is not None else (),
            opens=opens(self._location, top_level, dist.tags, dist.requires, self._files),
        )

    def _ours(self, path: str) -> bool:
        """Whether this Python's system loads files of that kind. What lies in a .dSYM is for debuggers."""
        return ".dSYM/" not in path if self._dylibs else not path.endswith(".dylib")

    def _lost(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Names that somebody could have imported, and that are gone with all that was below them."""
        names = {source.removesuffix(".py") for source in sources if source not in self._names}
        return tuple(sorted(name for name in names if name.isidentifier() and not self._there(name)))

    def _elsewhere(self, paths: Iterable[str], listed: set[str]) -> tuple[tuple[FsPath, ...], tuple[FsPath, ...]]:
        """Of a RECORD's paths those that the folder's listing lacks: what lies outside of it, and what is gone.

        A RECORD may name any path: only those below the Python's own prefix are looked at.
        """
        there: list[FsPath] = []
        gone: list[FsPath] = []
        for path in paths:
            if path in listed or "\0" in path:
                continue
            whole = FsPath(os.path.normpath(os.path.join(self._location, path)))
            if not whole.startswith((f"{self._location}/", f"{self._python.prefix}/")):
                continue
            if not self._files.lexists(whole):
                gone.append(whole)
            elif not whole.startswith(f"{self._location}/"):
                there.append(whole)
        return tuple(there), tuple(gone)

    def _top_level(self, dist: Metadata, share: _Shares) -> tuple[str, ...]:
        if dist.top_level:
            there = (name for name in dist.top_level if name.isidentifier() and self._there(name))
            return tuple(there)
        if dist.record is not None:
            return self._importable(dist.record.sources, share)
        return self._importable([dist.name, normalize(dist.name).replace("-", "_")], share)

    def _there(self, name: str) -> bool:
        return name in self._names or f"{name}.py" in self._names or name in self._native

    def _importable(self, entries: Iterable[str], share: _Shares) -> tuple[str, ...]:
        """Top-level module names among folder entries."""
        tops = {leaf(path).partition(".")[0] for path in share.extensions if parent(path) == self._location}
        for entry in entries:
            name = entry.removesuffix(".py")
            if name.isidentifier() and self._there(name):
                tops.add(name)
        return tuple(sorted(tops))

    def sort(self, path: str, shares: _Shares) -> None:
        """Put one object of the listing where it belongs."""
        whole = join(self._location, path)
        if path.endswith(self._tagged):
            shares.extensions.append(whole)
        elif _FOREIGN.search(path):
            if _module(path, leaf(path)[leaf(path).index(".") :]) not in self._native:
                shares.foreign.append(whole)
        elif path.endswith(".so") and ".so" in self._python.suffixes and _is_extension(whole, self._files):
            shares.extensions.append(whole)
        else:
            shares.libraries.append(whole)


def _module(path: str, suffix: str) -> str:
    return path[: -len(suffix)]


def _unowned(path: str) -> str:
    """The name of what no distribution claims: its top-level folder's, or its own."""
    top, below, _ = path.partition("/")
    return top if below else top.partition(".")[0]


def _is_extension(path: FsPath, files: Files) -> bool:
    """Whether a plain `.so` is an extension. One that is no object at all would be tried by an import of its name."""
    stem = leaf(path).removesuffix(".so")
    if not stem.isidentifier():
        return False
    defined = _defines(path, _init(stem), files)
    return defined if defined is not None else not stem.startswith("lib")


def _init(stem: str) -> str:
    """The name of a module's export function (PEP 489)."""
    if stem.isascii():
        return f"PyInit_{stem}"
    return f"PyInitU_{stem.encode('punycode').decode('ascii').replace('-', '_')}"


def _defines(path: FsPath, symbol: str, files: Files) -> bool | None:
    """Whether the object at `path` defines `symbol`; None where there is no object."""
    try:
        return files.ask(path, lambda read, size: exports(read, size, symbol))
    except OverflowError:
        return None


def _is_elf(path: FsPath, files: Files) -> bool:
    return files.start(path, 4) == b"\x7fELF"

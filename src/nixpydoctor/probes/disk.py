"""Reads a real machine's files for `Disk`: nothing is written, nothing but a regular file is ever opened."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from nixpydoctor.edges import Source
from nixpydoctor.facts import FsPath, Loader, Object, Unread
from nixpydoctor.files import HERE, OPEN_FLAGS, Files
from nixpydoctor.formats.elf import Plain, described, made
from nixpydoctor.reader import Kind

if TYPE_CHECKING:
    from nixpydoctor.darwin import MachO
    from nixpydoctor.formats.headers import Dynamic, Read
    from nixpydoctor.probes.ahead import Ahead
    from nixpydoctor.probes.nixpkgs import Nixpkgs
    from nixpydoctor.probes.store import StoreReader
    from nixpydoctor.probes.symbols import SymbolReader

Answer = TypeVar("Answer")

MAX_TEXT = 1 << 20
MAX_SOURCE = 1 << 24
GONE = frozenset({errno.ENOENT, errno.ENOTDIR})
"""There is nothing at that path. Any other error is an answer with a reason."""


class DiskReader:
    """The `disk.Reader` of the real machine."""

    def __init__(
        self,
        files: Files = HERE,
        elsewhere: Callable[[FsPath], Source | None] = lambda path: None,
        programs: Callable[[str], FsPath | None] = lambda name: None,
        loaders: Callable[[FsPath], Loader | None] = lambda interp: None,
        store: Callable[[], StoreReader] | None = None,
        nixpkgs: Callable[[], Nixpkgs] | None = None,
        cached: Callable[[FsPath], bool | None] = lambda path: None,
        ahead: Ahead | None = None,
    ) -> None:
        self._ahead = ahead
        """Who may have read it already."""
        self._cached = cached
        self._files = files
        self._programs = programs
        self._loaders = loaders
        self._elsewhere = elsewhere
        """Who may be able to parse a source that this Python cannot."""
        self._store = store
        """Made when something is missing: a healthy environment pays nothing for it."""
        self._tables: dict[FsPath, Dynamic] = {}
        """Where the tables of the objects are that were read."""
        self._nixpkgs = nixpkgs
        """Made when a remedy wants to name what is in it."""
        self.unread: list[Unread] = []
        """What was there and could not be used, in the order met."""

    def objects(self, path: FsPath) -> tuple[Object, ...] | Unread | None:
        """The object at `path`."""
        try:
            found = self._ahead.object(path) if self._ahead is not None else self.described(path)
        except KeyError:
            found = self.described(path)
        if found is None:
            return None
        return self._note(found) if isinstance(found, Unread) else (made(path, found),)

    def described(self, path: FsPath) -> Plain | Unread | None:
        """The same as plain values (`formats.elf`), read here."""

        def take(read: Read, status: os.stat_result) -> Plain | Unread:
            return described(read, status.st_size, path, (status.st_dev, status.st_ino), self._tables)

        return self._open(path, take)

    def slices(self, path: FsPath) -> tuple[MachO, ...] | Unread | None:
        """The slices of the Mach-O file at `path`."""
        from nixpydoctor.formats.macho import parse as parse_slices  # only where dyld is the loader

        def take(read: Read, status: os.stat_result) -> tuple[MachO, ...] | Unread:
            return parse_slices(read, status.st_size, path, (status.st_dev, status.st_ino))

        return self._open(path, take)

    def cached(self, path: FsPath) -> bool | None:
        """Whether dyld's shared cache holds a library of that name."""
        return self._cached(path)

    def names(self, folder: FsPath) -> frozenset[str] | None:
        """The names in a folder; None where it does not exist or cannot be listed."""
        try:
            return frozenset(os.listdir(self._files.at(folder)))
        except (OSError, ValueError):
            return None

    def link(self, path: FsPath) -> FsPath | None:
        """What the symbolic link at `path` says."""
        try:
            return FsPath(self._files.readlink(path))
        except (OSError, ValueError):
            return None

    def text(self, path: FsPath) -> str | Unread | None:
        """A text of at most a megabyte; `Unread` where it is longer."""

        def take(read: Read, status: os.stat_result) -> str | Unread:
            data = read(0, MAX_TEXT + 1)
            if len(data) > MAX_TEXT:
                return Unread(path, f"a text of more than {MAX_TEXT >> 20} MiB", False)
            return data.decode("utf-8", "surrogateescape")

        found = self._open(path, take)
        return self._note(found) if isinstance(found, Unread) else found

    def expect(self, paths: Sequence[FsPath], follow: Callable[[FsPath, Source], Iterable[FsPath]]) -> None:
        """Their imports will be asked for, and those of what `follow` tells of each."""

        def read(path: FsPath) -> Source | None:
            found = self._imports(path, exact=False, alone=True)
            return found if isinstance(found, Source) else None

        if self._ahead is not None:
            self._ahead.expect(paths, read, follow)

    def imports(self, path: FsPath, *, exact: bool = True) -> Source | Unread | None:
        """What the Python source or compiled module at `path` imports; not `exact`: a loose answer will do."""
        told = self._ahead.source(path) if self._ahead is not None and not exact else None
        return told or self._imports(path, exact=exact)

    def _imports(self, path: FsPath, *, exact: bool, alone: bool = False) -> Source | Unread | None:
        """The same, read here. `alone`: by this Python or not at all."""
        from nixpydoctor.formats.source import compiled
        from nixpydoctor.formats.source import parse as parse_source

        def take(read: Read, status: os.stat_result) -> Source | Unread:
            if not path.endswith((".py", ".pyw")):
                return compiled(read, status.st_size)
            if status.st_size > MAX_SOURCE:
                return Unread(path, f"a source of more than {MAX_SOURCE >> 20} MiB", False)
            source = parse_source(read(0, status.st_size), exact=exact)
            if source is None and not alone:
                source = self._elsewhere(path)
            return source or Unread(path, "no Python that could be parsed", False)

        found = self._open(path, take)
        return self._note(found) if isinstance(found, Unread) else found

    def program(self, name: str) -> FsPath | None:
        """What runs when `name` is called; None where nobody can tell."""
        return self._programs(name)

    def loader(self, interp: FsPath) -> Loader | None:
        """What stands at an interp; None where nobody can tell."""
        return self._loaders(interp)

    def stored(self, name: str) -> tuple[FsPath, ...]:
        """Store paths of the package `name`."""
        return self._asked.stored(name) if self._asked is not None else ()

    def requisites(self, path: FsPath) -> tuple[FsPath, ...]:
        """The store paths that `path` needs."""
        return self._asked.requisites(path) if self._asked is not None else ()

    def attribute(self, name: str) -> bool | None:
        """Whether the nixpkgs of this machine has this Python distribution."""
        return self._packages.attribute(name) if self._packages is not None else None

    @cached_property
    def symbols(self) -> SymbolReader:
        """Who knows the symbols of objects."""
        from nixpydoctor.probes.symbols import SymbolReader

        return SymbolReader(self._open, self._tables, self._ahead)

    @cached_property
    def _asked(self) -> StoreReader | None:
        return self._store() if self._store is not None else None

    @cached_property
    def _packages(self) -> Nixpkgs | None:
        return self._nixpkgs() if self._nixpkgs is not None else None

    def kind(self, path: FsPath) -> Kind | None:
        """What stands at `path`."""
        try:
            mode = os.stat(self._files.at(path)).st_mode
        except (OSError, ValueError):
            return None
        return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"

    def archive(self, path: FsPath) -> frozenset[str] | None:
        """The names in a zip archive."""
        from zipfile import BadZipFile, ZipFile  # 10 ms that only a Python with archives on its path pays for

        try:
            with ZipFile(self._files.at(path)) as file:
                return frozenset(file.namelist())
        except (OSError, ValueError, BadZipFile, NotImplementedError, EOFError):
            return None

    def _open(self, path: FsPath, take: Callable[[Read, os.stat_result], Answer]) -> Answer | Unread | None:
        """What `take` makes of the regular file at `path`.

        Opening a FIFO waits and opening a device acts, so the kind of file is asked first; O_NONBLOCK covers the race.
        """
        try:
            here = self._files.at(path)
            status = os.stat(here)
            if not stat.S_ISREG(status.st_mode):
                return _irregular(path, status.st_mode)
            handle = os.open(here, OPEN_FLAGS)
        except ValueError:  # a NUL in the name: no file system has that
            return None
        except OSError as refusal:
            return None if refusal.errno in GONE else Unread(path, os.strerror(refusal.errno or 0), False)
        try:
            return take(lambda offset, size: os.pread(handle, size, offset), status)
        except OSError as failure:
            return Unread(path, f"cannot read file data: {os.strerror(failure.errno or 0)}", True)
        finally:
            os.close(handle)

    def _note(self, unread: Unread) -> Unread:
        self.unread.append(unread)
        return unread


def _irregular(path: FsPath, mode: int) -> Unread:
    if stat.S_ISDIR(mode):
        return Unread(path, "cannot read file data: Is a directory", True)
    if stat.S_ISSOCK(mode):
        return Unread(path, os.strerror(errno.ENXIO), False)
    return Unread(path, "not a regular file", True)

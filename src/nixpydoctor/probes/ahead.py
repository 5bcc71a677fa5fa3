"""Reads an environment in a second process while this one is still at other things: folders, objects, symbols.

It begins as soon as somebody knows where the environment is, and tells what it finds in the order in which that will be
wanted. Whatever it does not tell, because it may not or because it is gone, is read here: no answer depends on it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from nixpydoctor.facts import FsPath, Unread, join
from nixpydoctor.files import HERE, Files
from nixpydoctor.probes.fork import Helper, Line, begin

if TYPE_CHECKING:
    from nixpydoctor.edges import Source
    from nixpydoctor.formats.elf import Plain
    from nixpydoctor.probes.disk import DiskReader
    from nixpydoctor.probes.folders import Listing
    from nixpydoctor.probes.sources_ahead import Following, Reading, SourcesAhead

AT_ONCE = 128
"""Objects in one message: so many are read there before anybody can go on with the first of them here."""

_EXTENSIONS = (".cpython-", ".abi3.")
"""In the names of most extension modules, each of which somebody opens (PEP 3149)."""

_LISTING, _OBJECTS, _SETTLED = range(3)
"""What a message is about."""


class Ahead:
    """What a second process has told so far, and what it will tell: nothing before `begin`."""

    def __init__(self) -> None:
        self._helper: Helper | None = None
        self._folders: set[FsPath] = set()
        """What it reads."""
        self._all = False
        """Whether it has been told all of them: it listens for that first."""
        self._unlisted: set[FsPath] = set()
        """Folders whose listings are to come."""
        self._listings: dict[FsPath, tuple[Listing, tuple[Unread, ...]]] = {}
        self._coming: set[FsPath] = set()
        """Objects that are to come."""
        self._objects: dict[FsPath, Plain | Unread | None] = {}
        self._base: tuple[FsPath, ...] | None = None
        self._asked = False
        self._settled: frozenset[FsPath] | None = None
        self._sources: SourcesAhead | None = None

    def begin(self, folders: Iterable[FsPath], files: Files = HERE) -> None:
        """Start to read what lies in these folders of sys.path, unless it has begun already."""
        if self._helper is not None:
            return
        listed = tuple(dict.fromkeys(folders))
        self._helper = begin(lambda line: _read(line, listed, files))
        if self._helper is not None:
            self._folders.update(listed)
            self._unlisted.update(listed)

    def all(self, folders: Iterable[FsPath], files: Files = HERE) -> None:
        """These are all the folders: it may begin with them, or go on to those that it has not heard of."""
        self.begin(folders, files)
        more = [folder for folder in dict.fromkeys(folders) if folder not in self._folders]
        if self._helper is not None:
            self._all = True
            self._helper.say(more)
            self._folders.update(more)
            self._unlisted.update(more)

    def listing(self, folder: FsPath, note: Callable[[Unread], None]) -> Listing | None:
        """What lies in a folder, what of it cannot be listed going to `note`; None where nobody tells."""
        while folder in self._unlisted and self._hear():
            pass
        listing, unread = self._listings.get(folder, (None, ()))
        for one in unread:
            note(one)
        return listing

    def object(self, path: FsPath) -> Plain | Unread | None:
        """What is at a path (`DiskReader.described`). Raises `KeyError` where nobody tells."""
        while path in self._coming and self._hear():
            pass
        return self._objects[path]

    def base(self, paths: tuple[FsPath, ...]) -> None:
        """Tell it what a process has when it begins: the first time, it works with this."""
        if self._base is None and self._all and self._helper is not None:
            self._base = paths
            self._helper.say(paths)

    def settled(
        self, base: tuple[FsPath, ...], paths: Sequence[FsPath], needs: Sequence[tuple[int, ...]], asked: Sequence[int]
    ) -> Callable[[], frozenset[FsPath]] | None:
        """Let it look symbols up, once (`reader.Symbols.elsewhere`)."""
        if self._helper is None or base != self._base or self._asked:
            return None
        self._asked = True
        self._helper.say((list(paths), list(needs), list(asked)))

        def answer() -> frozenset[FsPath]:
            while self._settled is None and self._hear():
                pass
            return self._settled or frozenset()

        return answer

    def expect(self, paths: Iterable[FsPath], read: Reading, follow: Following) -> None:
        """These sources will be asked for (`SourcesAhead.expect`): another process may read them meanwhile."""
        if self._sources is None:
            from nixpydoctor.probes.sources_ahead import SourcesAhead  # only for walks of many modules

            self._sources = SourcesAhead()
        self._sources.expect(paths, read, follow)

    def source(self, path: FsPath) -> Source | None:
        """What a source imports, loosely; None where nobody tells."""
        return self._sources.source(path) if self._sources is not None else None

    def end(self) -> None:
        """Let go of the other processes, wherever they are."""
        if self._sources is not None:
            self._sources.end()
        if self._helper is not None:
            self._helper.end()
            self._helper = None

    def _hear(self) -> bool:
        """Take in one message; False where there is none any more."""
        told = self._helper.hear() if self._helper is not None else None
        if told is None:
            return False
        kind, *said = told
        if kind == _LISTING:
            from nixpydoctor.probes.folders import Listing

            folder, names, objects, unread = said
            self._unlisted.discard(folder)
            self._listings[folder] = Listing(folder, names, objects), tuple([Unread(*one) for one in unread])
            self._coming.update([join(folder, one) for one in objects])
        elif kind == _OBJECTS:
            refused = {path: Unread(path, *why) for path, why in said[1]}
            for found in (said[0], refused):
                self._objects.update(found)
                self._coming.difference_update(found)
        else:
            self._settled = frozenset(said[0])
        return True


def of_venv(root: FsPath, command: FsPath, files: Files = HERE) -> list[FsPath]:
    """Folders that a venv's Python most likely has on sys.path, told before anything is read of it."""
    try:
        names = sorted(os.listdir(files.at(f"{root}/lib")))
    except OSError:
        return []
    base = os.path.dirname(os.path.dirname(files.realpath(command)))
    likely = [
        place
        for name in names
        if name.startswith(("python3.", "pypy3."))
        for place in (f"{base}/lib/{name}/lib-dynload", f"{root}/lib/{name}/site-packages")
    ]
    return [FsPath(place) for place in likely if files.isdir(place)]


def _read(line: Line, folders: Iterable[FsPath], files: Files) -> None:
    """What the second process does. It imports what it needs while the first one imports the rest."""
    from nixpydoctor.probes.disk import DiskReader
    from nixpydoctor.probes.folders import list_folder

    reader, found = DiskReader(files), list[FsPath]()

    def read(folders: Iterable[FsPath]) -> None:
        first = len(found)
        for folder in folders:
            unread: list[Unread] = []
            listing = list_folder(folder, unread.append, files=files)
            refused = [(one.path, one.reason, one.fatal) for one in unread]
            line.say((_LISTING, folder, listing.names, listing.objects, refused))
            found.extend([join(folder, one) for one in listing.objects])
        for start in range(first, len(found), AT_ONCE):
            line.say((_OBJECTS, *_told(reader, found[start : start + AT_ONCE])))

    read(folders)
    read(line.hear())
    base = line.hear()
    symbols = reader.symbols
    for path in found:  # while it is still being found out what they draw in
        if any(sign in path for sign in _EXTENSIONS):
            symbols.settled(path, base, (), False)
    paths, needs, asked = line.hear()
    settled = [
        path
        for path, place in [(paths[place], place) for place in asked]
        if symbols.settled(path, base, (), False)
        or symbols.settled(path, base, tuple([paths[one] for one in _drawn(place, needs)]), False)
    ]
    line.say((_SETTLED, settled))


def _drawn(place: int, needs: Sequence[Sequence[int]]) -> Iterable[int]:
    """The places of all that an object draws in, its own first, each once."""
    found = {place: None}
    ahead = [place]
    while ahead:
        new = [one for one in needs[ahead.pop()] if one not in found]
        found.update(dict.fromkeys(new))
        ahead += new
    return found


def _told(reader: DiskReader, paths: Iterable[FsPath]) -> tuple[dict[FsPath, Plain | None], list[Any]]:
    """What is at these paths, and why some of that cannot be used: path, reason, whether a loader stops there."""
    usable: dict[FsPath, Plain | None] = {}
    refused: list[Any] = []
    for path in paths:
        found = reader.described(path)
        if isinstance(found, Unread):
            refused.append((path, (found.reason, found.fatal)))
        else:
            usable[path] = found
    return usable, refused

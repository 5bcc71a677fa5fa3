"""The target's file system as the pure layers see it: memoised, recorded, and overlayable.

A loader model must ask about paths that nobody listed beforehand, and yet stay pure. So it asks `Disk`, which reads
through a `Reader` given by the probes and remembers every answer. Without a reader it only remembers: that is replay,
and every unit test. A path that was never recorded raises `NotRecorded`; it is never taken for absent.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal, Protocol

from nixpydoctor.edges import Source
from nixpydoctor.facts import FsPath, Loader, Object, Unread, leaf, parent
from nixpydoctor.light import dataclass, field, replace

if TYPE_CHECKING:
    from nixpydoctor.darwin import MachO

Kind = Literal["file", "folder", "other"]
"""What stands at a path, symbolic links followed."""


MAX_LINKS = 40
"""As many as the kernel follows (path_resolution(7))."""


class NotRecorded(LookupError):  # noqa: N818 - what it says, not that it is an error
    """A replayed disk was asked about a path that the recording does not hold."""

    def __init__(self, question: str, path: str) -> None:
        super().__init__(f"{question} of {path}")
        self.question = question
        self.path = path


Unbound = tuple[tuple[FsPath, str], ...]
"""(object, symbol): what is looked for in vain when these objects are bound."""


class Symbols(Protocol):
    """Who can be asked about the symbols of objects. The scope is `base`, mostly the same one, and then `more`.

    A symbol that wants a version counts only where `every`; `lazy` leaves out what is bound by the first call.
    """

    def settled(self, path: FsPath, base: tuple[FsPath, ...], more: tuple[FsPath, ...], every: bool) -> bool:
        """Whether every strong symbol that the object at `path` takes from others is defined in this scope."""
        ...

    def lacking(
        self, path: FsPath, base: tuple[FsPath, ...], more: tuple[FsPath, ...], every: bool, lazy: bool
    ) -> tuple[str, ...]:
        """The symbols that are not, and that are looked for, in the order in which they are."""
        ...

    def defining(self, symbol: str, paths: Iterable[FsPath]) -> tuple[FsPath, ...]:
        """Which of these objects define a symbol."""
        ...


class Reader(Protocol):
    """The only way from here to a machine. None always means: there is nothing at that path."""

    def objects(self, path: FsPath) -> tuple[Object, ...] | Unread | None: ...

    def slices(self, path: FsPath) -> tuple[MachO, ...] | Unread | None: ...

    def names(self, folder: FsPath) -> frozenset[str] | None: ...

    def link(self, path: FsPath) -> FsPath | None: ...

    def text(self, path: FsPath) -> str | Unread | None: ...

    def imports(self, path: FsPath, *, exact: bool) -> Source | Unread | None: ...

    def program(self, name: str) -> FsPath | None: ...

    def loader(self, interp: FsPath) -> Loader | None: ...
    def stored(self, name: str) -> tuple[FsPath, ...]: ...

    def requisites(self, path: FsPath) -> tuple[FsPath, ...]: ...

    @property
    def symbols(self) -> Symbols: ...
    def kind(self, path: FsPath) -> Kind | None: ...

    def archive(self, path: FsPath) -> frozenset[str] | None: ...


class Nothing:
    """The reader of a disk on which nothing else exists: what is not laid over it is absent."""

    def __init__(self, symbols: Symbols | None = None) -> None:
        self.symbols: Symbols = symbols or Told({})

    def objects(self, path: FsPath) -> None:
        return None

    def slices(self, path: FsPath) -> None:
        return None

    def names(self, folder: FsPath) -> None:
        return None

    def link(self, path: FsPath) -> None:
        return None

    def text(self, path: FsPath) -> None:
        return None

    def imports(self, path: FsPath, *, exact: bool) -> None:
        return None

    def program(self, name: str) -> None:
        return None

    def loader(self, interp: FsPath) -> None:
        return None

    def stored(self, name: str) -> tuple[FsPath, ...]:
        return ()

    def requisites(self, path: FsPath) -> tuple[FsPath, ...]:
        return ()

    def kind(self, path: FsPath) -> None:
        return None

    def archive(self, path: FsPath) -> None:
        return None


class Told:
    """Symbols as they are told: of each object, the names that it takes from others and those that it defines."""

    def __init__(self, told: Mapping[FsPath, tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
        self._told = told

    def settled(self, path: FsPath, base: tuple[FsPath, ...], more: tuple[FsPath, ...], every: bool) -> bool:
        return not self.lacking(path, base, more, every, False)

    def lacking(
        self, path: FsPath, base: tuple[FsPath, ...], more: tuple[FsPath, ...], every: bool, lazy: bool
    ) -> tuple[str, ...]:
        takes, _ = self._told.get(path, ((), ()))
        return tuple(name for name in takes if not self.defining(name, (*base, *more)))

    def defining(self, symbol: str, paths: Iterable[FsPath]) -> tuple[FsPath, ...]:
        return tuple(path for path in paths if symbol in self._told.get(path, ((), ()))[1])


@dataclass(frozen=True, slots=True)
class Recording:
    """Every answer that a disk has given: what a facts file holds of it."""

    objects: Mapping[FsPath, tuple[Object, ...] | Unread | None] = field(default_factory=dict)
    names: Mapping[FsPath, frozenset[str] | None] = field(default_factory=dict)
    links: Mapping[FsPath, FsPath | None] = field(default_factory=dict)
    texts: Mapping[FsPath, str | Unread | None] = field(default_factory=dict)
    imports: Mapping[FsPath, Source | Unread | None] = field(default_factory=dict)
    programs: Mapping[str, FsPath | None] = field(default_factory=dict)
    loaders: Mapping[FsPath, Loader | None] = field(default_factory=dict)
    stored: Mapping[str, tuple[FsPath, ...]] = field(default_factory=dict)
    requisites: Mapping[FsPath, tuple[FsPath, ...]] = field(default_factory=dict)
    kinds: Mapping[FsPath, Kind | None] = field(default_factory=dict)
    archives: Mapping[FsPath, frozenset[str] | None] = field(default_factory=dict)
    unbound: Mapping[FsPath, Unbound] = field(default_factory=dict)
    """By the object that is opened; one that lacks nothing is left out."""
    defining: Mapping[str, tuple[FsPath, ...]] = field(default_factory=dict)
    slices: Mapping[FsPath, tuple[MachO, ...] | Unread | None] = field(default_factory=dict)


class Disk:
    """Answers about paths, each asked of the reader at most once."""

    __slots__ = (
        "_archives",
        "_changed_files",
        "_changed_names",
        "_changed_texts",
        "_changes",
        "_defining",
        "_gone",
        "_imports",
        "_kinds",
        "_links",
        "_loaders",
        "_names",
        "_objects",
        "_programs",
        "_reader",
        "_requisites",
        "_slices",
        "_stored",
        "_texts",
        "_unbound",
    )

    def __init__(self, reader: Reader | None) -> None:
        self._reader = reader
        self._objects: dict[FsPath, tuple[Object, ...] | Unread | None] = {}
        self._names: dict[FsPath, frozenset[str] | None] = {}
        self._links: dict[FsPath, FsPath | None] = {}
        self._texts: dict[FsPath, str | Unread | None] = {}
        self._imports: dict[FsPath, Source | Unread | None] = {}
        self._programs: dict[str, FsPath | None] = {}
        self._loaders: dict[FsPath, Loader | None] = {}
        self._stored: dict[str, tuple[FsPath, ...]] = {}
        self._requisites: dict[FsPath, tuple[FsPath, ...]] = {}
        self._kinds: dict[FsPath, Kind | None] = {}
        self._archives: dict[FsPath, frozenset[str] | None] = {}
        self._unbound: dict[FsPath, Unbound] = {}
        self._defining: dict[str, tuple[FsPath, ...]] = {}
        self._slices: dict[FsPath, tuple[MachO, ...] | Unread | None] = {}
        self._changes: Mapping[FsPath, tuple[Object, ...] | Unread | None] = {}
        self._changed_files: Mapping[tuple[int, int], FsPath] = {}
        self._changed_texts: Mapping[FsPath, str] = {}
        self._changed_names: Mapping[FsPath, frozenset[str]] = {}
        self._gone: frozenset[FsPath] = frozenset()

    def __eq__(self, other: object) -> bool:
        """The same disk after the same changes."""
        if not isinstance(other, Disk):
            return NotImplemented
        return self._objects is other._objects and (self._changes, self._changed_texts, self._gone) == (
            other._changes,
            other._changed_texts,
            other._gone,
        )

    def __hash__(self) -> int:
        return hash((id(self._objects), len(self._changes), len(self._changed_texts)))

    @classmethod
    def closed(
        cls,
        objects: Iterable[Object | Unread] = (),
        *,
        sources: Mapping[FsPath, Source | Unread] | None = None,
        texts: Mapping[FsPath, str] | None = None,
        links: Mapping[FsPath, FsPath] | None = None,
        programs: Mapping[str, FsPath] | None = None,
        loaders: Iterable[Loader] = (),
        stored: Mapping[str, tuple[FsPath, ...]] | None = None,
        requisites: Mapping[FsPath, tuple[FsPath, ...]] | None = None,
        symbols: Mapping[FsPath, tuple[tuple[str, ...], tuple[str, ...]]] | None = None,
        slices: Iterable[MachO] = (),
    ) -> Disk:
        """A literal world: what is given exists, everything else is absent."""
        disk = cls(Nothing(Told(symbols or {})))
        for part in slices:
            before = disk._slices.get(part.path)
            disk._slices[part.path] = (*before, part) if isinstance(before, tuple) else (part,)
        held = {obj.path: obj if isinstance(obj, Unread) else (obj,) for obj in objects}
        disk._objects.update(held)
        disk._imports.update(sources or {})
        disk._texts.update(texts or {})
        disk._links.update(links or {})
        disk._programs.update(programs or {})
        disk._loaders.update({loader.path: loader for loader in loaders})
        disk._stored.update(stored or {})
        disk._requisites.update(requisites or {})
        folders: dict[FsPath, set[str]] = {}
        for path in [*held, *disk._slices, *(sources or {}), *(texts or {}), *(links or {})]:
            here: FsPath = path
            while (up := parent(here)) != here:
                folders.setdefault(up, set()).add(leaf(here))
                here = up
        disk._names.update({folder: frozenset(names) for folder, names in folders.items()})
        disk._kinds.update(dict.fromkeys([*held, *disk._slices, *(sources or {})], "file"))
        return disk

    @classmethod
    def replayed(cls, recording: Recording) -> Disk:
        """A disk that remembers these answers and can ask nobody."""
        disk = cls(None)
        disk._objects.update(recording.objects)
        disk._names.update(recording.names)
        disk._links.update(recording.links)
        disk._texts.update(recording.texts)
        disk._imports.update(recording.imports)
        disk._programs.update(recording.programs)
        disk._loaders.update(recording.loaders)
        disk._stored.update(recording.stored)
        disk._requisites.update(recording.requisites)
        disk._kinds.update(recording.kinds)
        disk._archives.update(recording.archives)
        disk._unbound.update(recording.unbound)
        disk._defining.update(recording.defining)
        disk._slices.update(recording.slices)
        return disk

    def recorded(self) -> Recording:
        """The answers of the reader so far; what an overlay changed is none of them."""
        return Recording(
            objects=dict(self._objects),
            names=dict(self._names),
            links=dict(self._links),
            texts=dict(self._texts),
            imports=dict(self._imports),
            programs=dict(self._programs),
            loaders=dict(self._loaders),
            stored=dict(self._stored),
            requisites=dict(self._requisites),
            kinds=dict(self._kinds),
            archives=dict(self._archives),
            unbound={path: lacks for path, lacks in self._unbound.items() if lacks},
            defining=dict(self._defining),
            slices=dict(self._slices),
        )

    def objects(self, path: FsPath) -> tuple[Object, ...] | Unread | None:
        """The ELF object at `path`."""
        if self._gone and self._is_gone(path):
            return None
        if path in self._changes:
            return self._changes[path]
        try:
            answer = self._objects[path]
        except KeyError:
            if self._reader is None:
                raise NotRecorded("the objects", path) from None
            answer = self._objects[path] = self._reader.objects(path)
        if self._changed_files and isinstance(answer, tuple) and answer and answer[0].identity in self._changed_files:
            return self._through(path, self._changed_files[answer[0].identity], answer)
        return answer

    def slices(self, path: FsPath) -> tuple[MachO, ...] | Unread | None:
        """The slices of the Mach-O file at `path`: asked where dyld is the loader."""
        try:
            return self._slices[path]
        except KeyError:
            if self._reader is None:
                raise NotRecorded("the slices", path) from None
            answer = self._slices[path] = self._reader.slices(path)
            return answer

    def _through(self, path: FsPath, changed: FsPath, answer: tuple[Object, ...]) -> tuple[Object, ...] | Unread | None:
        """What is at `path`, where the file that stands there was replaced under its own name `changed`.

        A hard link under another name keeps the old file; a symbolic link and a way round through `..` do not.
        """
        if posixpath.normpath(path) != changed and leaf(path) != leaf(changed) and self.link(path) is None:
            return answer
        new = self._changes[changed]
        return tuple([replace(obj, path=path) for obj in new]) if isinstance(new, tuple) else new

    def names(self, folder: FsPath) -> frozenset[str] | None:
        """The names in a folder; None where it does not exist or cannot be listed."""
        if self._gone and self._is_gone(folder):
            return None
        changed = self._changed_names.get(folder)
        try:
            names = self._names[folder]
        except KeyError:
            if self._reader is None:
                if changed is not None:
                    return changed
                raise NotRecorded("the names", folder) from None
            names = self._names[folder] = self._reader.names(folder)
        if names is not None and self._gone:
            names -= {leaf(path) for path in self._gone if parent(path) == folder}
        return names if changed is None else (names or frozenset()) | changed

    @property
    def gone(self) -> frozenset[FsPath]:
        """What an overlay took away."""
        return self._gone

    def _is_gone(self, path: FsPath) -> bool:
        return any(path == gone or path.startswith(f"{gone}/") for gone in self._gone)

    def has(self, path: FsPath) -> bool:
        """Whether the folder of `path` lists it."""
        names = self.names(parent(path))
        return names is not None and leaf(path) in names

    def link(self, path: FsPath) -> FsPath | None:
        """What the symbolic link at `path` says; None where there is no link."""
        try:
            return self._links[path]
        except KeyError:
            if self._reader is None:
                raise NotRecorded("the link", path) from None
            answer = self._links[path] = self._reader.link(path)
            return answer

    def real(self, path: FsPath) -> FsPath:
        """The path with every symbolic link resolved, as far as it goes (realpath(3))."""
        done, todo, links = "/", [part for part in path.split("/") if part], 0
        while todo:
            part = todo.pop(0)
            if part == ".":
                continue
            if part == "..":
                done = posixpath.dirname(done)
                continue
            here = posixpath.join(done, part)
            target = self.link(FsPath(here)) if links < MAX_LINKS else None
            if target is None:
                done = here
                continue
            links += 1
            todo = [piece for piece in target.split("/") if piece] + todo
            if target.startswith("/"):
                done = "/"
        return FsPath(done)

    def text(self, path: FsPath) -> str | Unread | None:
        """A small text file's content."""
        if self._gone and self._is_gone(path):
            return None
        if path in self._changed_texts:
            return self._changed_texts[path]
        try:
            return self._texts[path]
        except KeyError:
            if self._reader is None:
                raise NotRecorded("the text", path) from None
            answer = self._texts[path] = self._reader.text(path)
            return answer

    def imports(self, path: FsPath, *, exact: bool = True) -> Source | Unread | None:
        """What the Python source or compiled module at `path` imports; not `exact`: a loose answer will do."""
        if self._gone and self._is_gone(path):
            return None
        try:
            known = self._imports[path]
            if not (exact and isinstance(known, Source) and known.loose):
                return known
        except KeyError:
            pass
        if self._reader is None:
            raise NotRecorded("the imports", path)
        answer = self._imports[path] = self._reader.imports(path, exact=exact)
        return answer

    def program(self, name: str) -> FsPath | None:
        """The object that runs when the user calls `name`: found on PATH, behind links, wrappers and `#!` lines.

        None also for one that runs with other rights than the user's: its loader ignores the user's variables.
        """
        try:
            return self._programs[name]
        except KeyError:
            if self._reader is None:
                raise NotRecorded("the program", name) from None
            answer = self._programs[name] = self._reader.program(name)
            return answer

    def loader(self, interp: FsPath) -> Loader | None:
        """The loader at `interp`; None where nothing is there that could start a program."""
        try:
            return self._loaders[interp]
        except KeyError:
            if self._reader is None:
                raise NotRecorded("the loader", interp) from None
            answer = self._loaders[interp] = self._reader.loader(interp)
            return answer

    def stored(self, name: str) -> tuple[FsPath, ...]:
        """Paths of the Nix store whose package has this name, capitals aside, in any version and output."""
        try:
            return self._stored[name]
        except KeyError:
            if self._reader is None:
                raise NotRecorded("the store paths", name) from None
            answer = self._stored[name] = self._reader.stored(name)
            return answer

    def requisites(self, path: FsPath) -> tuple[FsPath, ...]:
        """The store paths that the store path `path` needs, itself included; empty where nobody can tell."""
        try:
            return self._requisites[path]
        except KeyError:
            if self._reader is None:
                raise NotRecorded("the requisites", path) from None
            answer = self._requisites[path] = self._reader.requisites(path)
            return answer

    def kind(self, path: FsPath) -> Kind | None:
        """What stands at `path`; None where nothing does, a link to nowhere included."""
        if self._gone and self._is_gone(path):
            return None
        if path in self._changes:
            return "file" if self._changes[path] is not None else None
        if path in self._changed_texts:
            return "file"
        if any(_read(held.get(path)) for held in (self._objects, self._texts, self._imports)):
            return "file"
        if self._names.get(path) is not None:
            return "folder"
        try:
            return self._kinds[path]
        except KeyError:
            if self._reader is None:
                raise NotRecorded("the kind", path) from None
            answer = self._kinds[path] = self._reader.kind(path)
            return answer

    def archive(self, path: FsPath) -> frozenset[str] | None:
        """The names in the zip archive at `path`, relative; None where there is no archive that can be read."""
        try:
            return self._archives[path]
        except KeyError:
            if self._reader is None:
                raise NotRecorded("the archive", path) from None
            answer = self._archives[path] = self._reader.archive(path)
            return answer

    def unbound(self, path: FsPath, work: Callable[[Symbols], Unbound]) -> Unbound:
        """What opening `path` looks for in vain, which `work` finds out where there is a machine to ask.

        It depends on the process as well. A replay knows the first answer alone, that of the process that was examined.
        """
        if self._reader is None:
            return self._unbound.get(path, ())
        answer = work(self._reader.symbols)
        self._unbound.setdefault(path, answer)
        return answer

    def defining(self, symbol: str, paths: Callable[[], Iterable[FsPath]]) -> tuple[FsPath, ...]:
        """Which of these objects define a symbol; asked once for each."""
        if symbol not in self._defining:
            if self._reader is None:
                raise NotRecorded("who defines", symbol)
            self._defining[symbol] = self._reader.symbols.defining(symbol, paths())
        return self._defining[symbol]

    def overlay(
        self,
        changes: Mapping[FsPath, tuple[Object, ...] | Unread | None],
        texts: Mapping[FsPath, str] | None = None,
        gone: Iterable[FsPath] = (),
    ) -> Disk:
        """The same disk after some objects were added, replaced or removed (None), and some texts written.

        `gone`: files and whole folders that were taken away.

        Shares every recorded answer with this one; the recordings of both keep growing together.
        """
        new = Disk.__new__(Disk)
        new._reader = self._reader
        new._objects, new._names, new._links = self._objects, self._names, self._links
        new._texts, new._imports = self._texts, self._imports
        new._programs, new._loaders = self._programs, self._loaders
        new._stored, new._requisites = self._stored, self._requisites
        new._kinds, new._archives = self._kinds, self._archives
        new._unbound, new._defining = self._unbound, self._defining
        new._slices = self._slices
        new._changes = {**self._changes, **changes}
        new._changed_texts = {**self._changed_texts, **(texts or {})}
        new._changed_files = {**self._changed_files, **self._replaced(changes)}
        added: dict[FsPath, set[str]] = {folder: set(names) for folder, names in self._changed_names.items()}
        for path in [*(path for path, obj in changes.items() if obj is not None), *(texts or {})]:
            added.setdefault(parent(path), set()).add(leaf(path))
        new._changed_names = {folder: frozenset(names) for folder, names in added.items()}
        new._gone = self._gone | frozenset(gone)
        return new

    def _replaced(self, changes: Iterable[FsPath]) -> dict[tuple[int, int], FsPath]:
        """Which of the files known so far these changes replace."""
        known = {path: self._objects.get(path) for path in changes}
        return {held[0].identity: path for path, held in known.items() if isinstance(held, tuple) and held}


def _read(answer: object) -> bool:
    """Whether an answer is that of a file whose content was read."""
    return answer is not None and not isinstance(answer, Unread)

"""The target's file system as the pure layers see it: memoised, recorded, and overlayable.

A loader model must ask about paths that nobody listed beforehand, and yet stay pure. So it asks `Disk`, which reads
through a `Reader` given by the probes and remembers every answer. Without a reader it only remembers: that is replay,
and every unit test. A path that was never recorded raises `NotRecorded`; it is never taken for absent.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from nixpydoctor.edges import Source
from nixpydoctor.facts import FsPath, Loader, Object, Unread, leaf, parent
from nixpydoctor.light import replace
from nixpydoctor.reader import Kind, Nothing, Reader, Symbols, Told, Unbound
from nixpydoctor.recording import NotRecorded, Recording

if TYPE_CHECKING:
    from nixpydoctor.darwin import MachO

Key = TypeVar("Key", bound=str)
Answer = TypeVar("Answer")

MAX_LINKS = 40
"""As many as the kernel follows (path_resolution(7))."""


class Disk:
    """Answers about paths, each asked of the reader at most once."""

    __slots__ = (
        "_changed_files",
        "_changed_names",
        "_changed_slices",
        "_changed_texts",
        "_changes",
        "_gone",
        "_held",
        "_names",
        "_objects",
        "_reader",
    )

    def __init__(self, reader: Reader | None, held: Recording | None = None) -> None:
        self._reader = reader
        self._held = held if held is not None else Recording()
        self._objects, self._names = self._held.objects, self._held.names  # asked a hundred thousand times
        self._changes: Mapping[FsPath, tuple[Object, ...] | Unread | None] = {}
        self._changed_files: Mapping[tuple[int, int], FsPath] = {}
        self._changed_texts: Mapping[FsPath, str] = {}
        self._changed_names: Mapping[FsPath, frozenset[str]] = {}
        self._changed_slices: Mapping[FsPath, tuple[MachO, ...]] = {}
        self._gone: frozenset[FsPath] = frozenset()

    def __eq__(self, other: object) -> bool:
        """The same disk after the same changes."""
        if not isinstance(other, Disk):
            return NotImplemented
        return self._held is other._held and (
            (self._changes, self._changed_texts, self._gone, self._changed_slices)
            == (other._changes, other._changed_texts, other._gone, other._changed_slices)
        )

    def __hash__(self) -> int:
        return hash((id(self._held), len(self._changes), len(self._changed_texts)))

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
        attributes: Mapping[str, bool] | None = None,
        symbols: Mapping[FsPath, tuple[tuple[str, ...], tuple[str, ...]]] | None = None,
        slices: Iterable[MachO] = (),
    ) -> Disk:
        """A literal world: what is given exists, everything else is absent."""
        held = Recording(
            objects={obj.path: obj if isinstance(obj, Unread) else (obj,) for obj in objects},
            imports={**(sources or {})},
            texts={**(texts or {})},
            links={**(links or {})},
            programs={**(programs or {})},
            loaders={loader.path: loader for loader in loaders},
            stored={**(stored or {})},
            requisites={**(requisites or {})},
            attributes={**(attributes or {})},
        )
        held.fill(slices)
        return cls(Nothing(Told(symbols or {})), held)

    @classmethod
    def replayed(cls, recording: Recording) -> Disk:
        """A disk that remembers these answers and can ask nobody."""
        return cls(None, recording.copy())

    def recorded(self) -> Recording:
        """The answers of the reader so far; what an overlay changed is none of them."""
        held = self._held.copy()
        held.unbound = {path: lacks for path, lacks in held.unbound.items() if lacks}
        return held

    def _asked(self, table: dict[Key, Answer], key: Key, question: str, ask: Callable[[Reader], Answer]) -> Answer:
        """The answer that is known, else that of the reader, from now on known."""
        try:
            return table[key]
        except KeyError:
            if self._reader is None:
                raise NotRecorded(question, key) from None
            answer = table[key] = ask(self._reader)
            return answer

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

    def cached(self, path: FsPath) -> bool | None:
        """Whether dyld has a library of that name in its shared cache; None where it could not be asked."""
        known = self._held.cached.get(path)
        if known is None and self._reader is not None and (known := self._reader.cached(path)) is not None:
            self._held.cached[path] = known
        return known

    def slices(self, path: FsPath) -> tuple[MachO, ...] | Unread | None:
        """The slices of the Mach-O file at `path`: asked where dyld is the loader."""
        if self._gone and self._is_gone(path):
            return None
        if path in self._changed_slices:
            return self._changed_slices[path]
        return self._asked(self._held.slices, path, "the slices", lambda reader: reader.slices(path))

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
        return self._asked(self._held.links, path, "the link", lambda reader: reader.link(path))

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
        return self._asked(self._held.texts, path, "the text", lambda reader: reader.text(path))

    def expect(self, paths: Sequence[FsPath], follow: Callable[[FsPath, Source], Iterable[FsPath]]) -> None:
        """The imports of these files will be asked for, of the last ones first, and of those that `follow` tells then.

        Somebody may read them ahead, so `follow` must change nothing that counts: it may be called, or not, or
        elsewhere.
        """
        if self._reader is not None:
            self._reader.expect([path for path in paths if path not in self._held.imports], follow)

    def imports(self, path: FsPath, *, exact: bool = True) -> Source | Unread | None:
        """What the Python source or compiled module at `path` imports; not `exact`: a loose answer will do."""
        if self._gone and self._is_gone(path):
            return None
        try:
            known = self._held.imports[path]
            if not (exact and isinstance(known, Source) and known.loose):
                return known
        except KeyError:
            pass
        if self._reader is None:
            raise NotRecorded("the imports", path)
        answer = self._held.imports[path] = self._reader.imports(path, exact=exact)
        return answer

    def program(self, name: str) -> FsPath | None:
        """The object that runs when the user calls `name`: found on PATH, behind links, wrappers and `#!` lines.

        None also for one that runs with other rights than the user's: its loader ignores the user's variables.
        """
        return self._asked(self._held.programs, name, "the program", lambda reader: reader.program(name))

    def loader(self, interp: FsPath) -> Loader | None:
        """The loader at `interp`; None where nothing is there that could start a program."""
        return self._asked(self._held.loaders, interp, "the loader", lambda reader: reader.loader(interp))

    def stored(self, name: str) -> tuple[FsPath, ...]:
        """Paths of the Nix store whose package has this name, capitals aside, in any version and output."""
        return self._asked(self._held.stored, name, "the store paths", lambda reader: reader.stored(name))

    def requisites(self, path: FsPath) -> tuple[FsPath, ...]:
        """The store paths that the store path `path` needs, itself included; empty where nobody can tell."""
        return self._asked(self._held.requisites, path, "the requisites", lambda reader: reader.requisites(path))

    def attribute(self, name: str) -> bool | None:
        """Whether the nixpkgs of this machine has a Python distribution under this attribute.

        None where there is no nixpkgs to read, and for what a replay was never asked: then nobody knows.
        """
        if self._reader is None:
            return self._held.attributes.get(name)
        return self._asked(self._held.attributes, name, "the attribute", lambda reader: reader.attribute(name))

    def kind(self, path: FsPath) -> Kind | None:
        """What stands at `path`; None where nothing does, a link to nowhere included."""
        if self._gone and self._is_gone(path):
            return None
        if path in self._changes:
            return "file" if self._changes[path] is not None else None
        if path in self._changed_texts:
            return "file"
        if any(_read(held.get(path)) for held in (self._objects, self._held.texts, self._held.imports)):
            return "file"
        if self._names.get(path) is not None:
            return "folder"
        return self._asked(self._held.kinds, path, "the kind", lambda reader: reader.kind(path))

    def archive(self, path: FsPath) -> frozenset[str] | None:
        """The names in the zip archive at `path`, relative; None where there is no archive that can be read."""
        return self._asked(self._held.archives, path, "the archive", lambda reader: reader.archive(path))

    def unbound(self, path: FsPath, work: Callable[[Symbols], Unbound]) -> Unbound:
        """What opening `path` looks for in vain, which `work` finds out where there is a machine to ask.

        It depends on the process as well. A replay knows the first answer alone, that of the process that was examined.
        """
        if self._reader is None:
            return self._held.unbound.get(path, ())
        answer = work(self._reader.symbols)
        self._held.unbound.setdefault(path, answer)
        return answer

    def settled_elsewhere(
        self, base: tuple[FsPath, ...], paths: Sequence[FsPath], needs: Sequence[tuple[int, ...]], asked: Sequence[int]
    ) -> Callable[[], frozenset[FsPath]] | None:
        """Let another process look symbols up (`reader.Symbols.elsewhere`); None where there is none."""
        return self._reader.symbols.elsewhere(base, paths, needs, asked) if self._reader is not None else None

    def defining(self, symbol: str, paths: Callable[[], Iterable[FsPath]]) -> tuple[FsPath, ...]:
        """Which of these objects define a symbol; asked once for each."""
        return self._asked(
            self._held.defining, symbol, "who defines", lambda reader: reader.symbols.defining(symbol, paths())
        )

    def overlay(
        self,
        changes: Mapping[FsPath, tuple[Object, ...] | Unread | None],
        texts: Mapping[FsPath, str] | None = None,
        gone: Iterable[FsPath] = (),
        slices: Mapping[FsPath, tuple[MachO, ...]] | None = None,
    ) -> Disk:
        """The same disk after some objects were added, replaced or removed (None), and some texts written.

        `gone`: files and whole folders that were taken away. `slices`: Mach-O files that were added or replaced.

        Shares every recorded answer with this one; the recordings of both keep growing together.
        """
        new = Disk(self._reader, self._held)
        new._changes = {**self._changes, **changes}
        new._changed_texts = {**self._changed_texts, **(texts or {})}
        new._changed_files = {**self._changed_files, **self._replaced(changes)}
        added: dict[FsPath, set[str]] = {folder: set(names) for folder, names in self._changed_names.items()}
        for path in [*(path for path, obj in changes.items() if obj is not None), *(texts or {}), *(slices or {})]:
            added.setdefault(parent(path), set()).add(leaf(path))
        new._changed_names = {folder: frozenset(names) for folder, names in added.items()}
        new._changed_slices = {**self._changed_slices, **(slices or {})}
        new._gone = self._gone | frozenset(gone)
        return new

    def _replaced(self, changes: Iterable[FsPath]) -> dict[tuple[int, int], FsPath]:
        """Which of the files known so far these changes replace."""
        known = {path: self._objects.get(path) for path in changes}
        return {held[0].identity: path for path, held in known.items() if isinstance(held, tuple) and held}


def _read(answer: object) -> bool:
    """Whether an answer is that of a file whose content was read."""
    return answer is not None and not isinstance(answer, Unread)

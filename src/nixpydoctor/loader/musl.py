"""musl's way from a needed name to a file, for one process.

Follows `load_library`, `path_open`, `fixup_rpath` and `load_preload` in musl's ldso/dynlink.c. It differs from glibc's
at every turn: the variable comes first, both tags are alike and inherited, an object is known by the name that found
it, the first file that opens is taken, symbol versions do not matter.
"""

from __future__ import annotations

import re

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, FsPath, Loader, Process, Unread, parent
from nixpydoctor.loader.search import (
    SKIPPED_ERRORS,
    Answer,
    Hit,
    Judgement,
    Mapped,
    Node,
    Places,
    Shelves,
    Step,
    file_of,
    nearest,
)
from nixpydoctor.loader.trace import Attempt, How, Verdict

RESERVED = ("libc.", "libpthread.", "librt.", "libm.", "libdl.", "libutil.", "libxnet.")
"""Names that begin so mean the loader, which is the C library as well."""

FOREIGN_LIBC = re.compile(r"libc\.so\.\d+|libc\.so|libc\.musl-.*\.so\.1")
"""Sonames of C libraries: one that is found by a path is dropped for the process's own."""

ORIGIN = re.compile(r"\$(?:ORIGIN|\{ORIGIN\})")

NOT_LOADABLE = "Exec format error"


class Musl:
    """The rules of musl's loader for one process (`search.Rules`)."""

    tells = False

    def __init__(self, process: Process, loader: Loader, executable: Elf, disk: Disk) -> None:
        self._process = process
        self._loader = loader
        self._executable = executable
        self._disk = disk
        self._shelves = Shelves(disk, ())
        self._env = Step(How.ENV, None, _split(process.env.get("LD_LIBRARY_PATH", "")))
        self._system = Step(How.SYSTEM, None, tuple(loader.system_dirs))
        self._nodes: dict[tuple[FsPath, int], Node] = {}
        self._places: dict[tuple[tuple[str, ...], ...], Places] = {}
        self._main = _node(executable, _own_places(executable, ()))
        found = disk.objects(loader.real)
        itself = found[0] if isinstance(found, tuple) and found else _symbolic(executable, loader)
        self._self = _node(itself, _own_places(itself, ()))

    def begin(self) -> Mapped:
        """The executable without any name, and the loader under its own."""
        return Mapped([self._main], {self._loader.path: self._self}, {self._self.file: self._self})

    def preloads(self) -> tuple[str, ...]:
        """LD_PRELOAD's names; musl has no preload file."""
        return tuple(filter(None, re.split(r"[\s:]+", self._process.env.get("LD_PRELOAD", ""))))

    def find(self, name: str, requester: Node, working: list[Attempt] | None) -> Answer:
        """The loader's own names, then a path as it is, then the search."""
        if "/" not in name and name.startswith(RESERVED):
            if working is not None:
                working.append(Attempt(self._self.obj.path, How.LOADED, None, Verdict.FOUND))
            return Answer(self._self)
        if "/" in name:
            judgement = self._judge(FsPath(name))
            _note(working, FsPath(name), judgement)
            hit = Hit(judgement.obj, judgement.unread if judgement.verdict is Verdict.INVALID else None)
        else:
            hit = self._search(name, requester, working)
        return Answer(None, hit.invalid) if hit.obj is None else self._found(hit.obj, requester, working is None)

    def opened(self, path: FsPath, *, shared: bool) -> Answer:
        """The executable counts as the requester: what it hands down reaches an opened object, too."""
        _, obj, unread = self._judge(path)
        if obj is None:
            return Answer(None, unread or Unread(path, "No such file or directory", True))
        return self._found(obj, self._main, shared)

    def _found(self, obj: Elf, requester: Node, shared: bool) -> Answer:
        """A second C library is dropped for the process's own, whatever path led to it."""
        if obj.soname is not None and FOREIGN_LIBC.fullmatch(obj.soname):
            return Answer(self._self)
        above = requester.places
        return Answer(self._shared(obj, above) if shared else _node(obj, _own_places(obj, above.inherited)))

    def _shared(self, obj: Elf, above: Places) -> Node:
        """The same node for every chain that names the same folders: two objects may need each other for ever."""
        key = (obj.path, id(above))  # kept alive by `_places` or by the executable's node
        node = self._nodes.get(key)
        if node is None:
            once = nearest(_own_places(obj, above.inherited).inherited)
            places = self._places.setdefault(tuple(once), Places(tuple(once.values())))
            node = self._nodes[key] = _node(obj, places)
        return node

    def _search(self, name: str, requester: Node, working: list[Attempt] | None) -> Hit:
        for step in (self._env, *requester.places.inherited, self._system):
            hit = self._shelves.walk(name, step, self._judge, working)
            if hit is not None:
                return hit
        return Hit()

    def _judge(self, path: FsPath) -> Judgement:
        """The first file that opens is final: what is wrong with it ends the load."""
        found = self._disk.objects(path) if path.startswith("/") else None
        if found is None or found == ():
            return Judgement(Verdict.ABSENT)
        if isinstance(found, Unread):
            if found.fatal or found.reason.startswith("wrong ELF class"):
                return Judgement(Verdict.INVALID, None, Unread(path, NOT_LOADABLE, True))
            if found.reason in SKIPPED_ERRORS:
                return Judgement(Verdict.DENIED, None, found)
            return Judgement(Verdict.INVALID, None, found)  # path_open: any other error ends the whole search
        if found[0].arch != self._executable.arch or not found[0].dynamic:
            return Judgement(Verdict.INVALID, None, Unread(path, NOT_LOADABLE, True))
        return Judgement(Verdict.FOUND, found[0])


def _node(obj: Elf, places: Places) -> Node:
    return Node(obj, file_of(obj), places, needs=obj.needed)


def _own_places(obj: Elf, above: tuple[Step, ...]) -> Places:
    own = _own_step(obj)
    return Places(above if own is None else (own, *above))


def _note(working: list[Attempt] | None, path: FsPath, judgement: Judgement) -> None:
    if working is not None:
        reason = judgement.unread.reason if judgement.unread else ""
        working.append(Attempt(path, How.DIRECT, None, judgement.verdict, reason=reason))


def _split(text: str) -> tuple[str, ...]:
    """Empty elements are passed over; tokens mean nothing in the variable."""
    return tuple(part.rstrip("/") or "/" for part in re.split("[:\n]", text) if part)


def _own_step(obj: Elf) -> Step | None:
    """The object's own search path: RUNPATH where it has one, else RPATH. A token that is not ORIGIN voids it whole."""
    text = obj.runpath if obj.runpath is not None else obj.rpath
    if not text or "$" in ORIGIN.sub("", text):
        return None
    how = How.RUNPATH if obj.runpath is not None else How.RPATH
    return Step(how, obj.path, _split(ORIGIN.sub(lambda _: parent(obj.path), text)))


def _symbolic(executable: Elf, loader: Loader) -> Elf:
    """The loader where its file cannot be read: its names are reserved all the same."""
    return Elf(loader.real, (0, 0), executable.arch, 3, soname="libc.so", verdef=None)

"""glibc's way from a needed name to a file, for one process.

Follows `_dl_map_object`, `open_path`, `open_verify` and `_dl_map_object_from_fd` in glibc's elf/dl-load.c,
`search_cache` in elf/dl-cache.c, and ld.so(8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from nixpydoctor.disk import Disk
from nixpydoctor.facts import CacheEntry, Elf, FsPath, Loader, Process, Unread, leaf, parent
from nixpydoctor.formats.cache import usable
from nixpydoctor.loader.expand import Tokens, folders, without_dots
from nixpydoctor.loader.search import (
    NO_SUCH_FILE,
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

OTHER_CLASS = "wrong ELF class"

ABSENT = Judgement(Verdict.ABSENT)


class Glibc:
    """The rules of glibc's loader for one process (`search.Rules`)."""

    tells = True

    def __init__(self, process: Process, loader: Loader, executable: Elf, disk: Disk) -> None:
        self._process = process
        self._loader = loader
        self._executable = executable
        self._disk = disk
        self._shelves = Shelves(disk, (*(f"glibc-hwcaps/{level}" for level in loader.hwcaps), *loader.legacy))
        self._judgements: dict[FsPath, Judgement] = {}
        self._hits: dict[tuple[object, ...], dict[str, Hit]] = {}
        self._last: dict[str, Hit] = {}
        self._nodes: dict[tuple[FsPath, int], Node] = {}
        self._places: dict[tuple[object, ...], Places] = {}
        self._alike: dict[tuple[object, ...], Places] = {}
        self._chains: dict[tuple[tuple[str, ...], ...], tuple[Step, ...]] = {}
        self._named: dict[tuple[FsPath, str], tuple[str, ...]] = {}
        self._plain: dict[str, str] = {}
        self._system = Step(How.SYSTEM, None, tuple(loader.system_dirs))
        self._env = Step(How.ENV, None, _library_path(process, loader, self._tokens(parent(executable.path))))
        self._main = self._node(executable, (), shared=False)

    # ── Rules ────────────────────────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> Mapped:
        """The executable under its soname, and the loader under its path and soname: neither by its inode."""
        mapped = Mapped([self._main])
        if self._executable.soname is not None:
            mapped.names[self._executable.soname] = self._main
        found = self._disk.objects(self._loader.real)
        if isinstance(found, tuple) and found:
            node = self._node(found[0], self._main.places.inherited, shared=False)
            for name in (self._loader.path, self._loader.real, found[0].soname or leaf(self._loader.path)):
                mapped.names.setdefault(name, node)
        return mapped

    def preloads(self) -> tuple[str, ...]:
        """LD_PRELOAD's names, then those of the loader's preload file."""
        names = re.split("[ :]+", self._process.env.get("LD_PRELOAD", ""))
        return (*filter(None, names), *self._loader.preload)

    def find(self, name: str, requester: Node, working: list[Attempt] | None) -> Answer:
        """A path as it is, anything else by the search."""
        if not name:
            return Answer(None, Unread(requester.obj.path, "empty dynamic string token substitution", True))
        hit = self._direct(FsPath(name), working) if "/" in name else self._search(name, requester, working)
        if hit.obj is None:
            return Answer(None, hit.invalid)
        return Answer(self._node(hit.obj, requester.places.inherited, shared=working is None))

    def opened(self, path: FsPath, *, shared: bool) -> Answer:
        """Errors that a search would skip are final here. The executable's RPATH reaches whatever is opened."""
        verdict, obj, unread = self._judge(path)
        if verdict is Verdict.FOUND and obj is not None:
            return Answer(self._node(obj, self._main.places.inherited, shared))
        return Answer(None, unread or Unread(path, NO_SUCH_FILE, True))

    # ── objects ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _node(self, obj: Elf, above: tuple[Step, ...], shared: bool) -> Node:
        """The object as something below `above` maps it.

        A shared node is the same one for every chain that names the same folders, whichever object named them.
        """
        if not shared:
            return self._make(obj, self._own_places(obj, above))
        key = (obj.path, id(above))  # kept alive by `_chains` or by the executable's node
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = self._make(obj, self._shared_places(obj, above))
        return node

    def _make(self, obj: Elf, places: Places) -> Node:
        needs = obj.needed
        if "$" in "".join(needs):
            tokens = self._tokens(parent(obj.path))
            needs = tuple([tokens.expand(name) or "" for name in needs])
        return Node(obj, file_of(obj), places, needs, obj.soname, _unfit(obj), obj.verneed)

    def _own_places(self, obj: Elf, above: tuple[Step, ...]) -> Places:
        """Where the names that it needs are looked for, told as its own."""
        rpath, runpath = self._search_paths(obj, shared=False)
        inherited = above if rpath is None else (rpath, *above)
        return Places(inherited, self._steps(obj, inherited, runpath))

    def _shared_places(self, obj: Elf, above: tuple[Step, ...]) -> Places:
        """The same for all that look into the same folders and hand the same ones down: they get the same answers."""
        speaks = obj.rpath is not None or obj.runpath is not None
        folder = obj.path.rpartition("/")[0] if speaks else None
        key = (id(above), obj.rpath, obj.runpath, folder, obj.nodeflib)
        places = self._places.get(key)
        if places is None:
            rpath, runpath = self._search_paths(obj, shared=True)
            once = nearest(above if rpath is None else (rpath, *above))
            chain = self._chains.setdefault(tuple(once), tuple(once.values()))
            steps = self._steps(obj, chain, runpath)
            folders = tuple([step.folders for step in steps])
            hits = self._hits.setdefault((folders, obj.nodeflib), {})
            alike = (id(chain), folders, obj.runpath is None, obj.nodeflib)
            places = self._places[key] = self._alike.setdefault(alike, Places(chain, steps, hits))
        return places

    def _search_paths(self, obj: Elf, *, shared: bool) -> tuple[Step | None, Step | None]:
        """The object's own RPATH and RUNPATH. A RUNPATH, empty or not, voids the RPATH beside it."""
        rpath = obj.rpath if obj.runpath is None else None
        return (
            Step(How.RPATH, obj.path, self._folders(rpath, obj.path, shared)) if rpath else None,
            Step(How.RUNPATH, obj.path, self._folders(obj.runpath, obj.path, shared)) if obj.runpath else None,
        )

    def _folders(self, text: str, path: FsPath, shared: bool) -> tuple[str, ...]:
        """Where many objects share a search, one folder gets one name: else each file is read under a hundred."""
        here = parent(path)
        key = (here, text)
        found = self._named.get(key)
        if found is None:
            found = self._named[key] = folders(text, self._tokens(here))
        if not shared or "/.." not in text:
            return found
        for one in found:
            if one not in self._plain:
                self._plain[one] = without_dots(one, here, self._disk.link)
        return tuple([self._plain[one] for one in found])

    def _tokens(self, folder: FsPath) -> Tokens:
        return Tokens(folder, self._loader.lib, self._loader.platform)

    # ── the search ───────────────────────────────────────────────────────────────────────────────────────────────

    def _steps(self, obj: Elf, inherited: tuple[Step, ...], runpath: Step | None) -> tuple[Step, ...]:
        """Search paths before the cache, in order."""
        handed = inherited if obj.runpath is None else ()
        env = (self._env,) if self._env.folders else ()
        return (*handed, *env) if runpath is None else (*handed, *env, runpath)

    def _search(self, name: str, requester: Node, working: list[Attempt] | None) -> Hit:
        steps, nodeflib = requester.places.steps, requester.obj.nodeflib
        if working is not None:
            own = requester.obj.path  # a RUNPATH is nobody else's, even where others look into the same folders
            told = [step._replace(source=own) if step.how is How.RUNPATH else step for step in steps]
            return self._look(name, told, nodeflib, working)
        hits = requester.places.hits
        hit = hits.get(name)
        if hit is None:
            hit = hits[name] = self._look(name, steps, nodeflib, None)
        return hit

    def _look(self, name: str, before: Iterable[Step], nodeflib: bool, working: list[Attempt] | None) -> Hit:
        walk = self._shelves.walk
        for step in before:
            hit = walk(name, step, self._judge, working)
            if hit is not None:
                return hit
        if nodeflib or working is not None:
            return self._at_last(name, nodeflib, working)
        known = self._last.get(name)
        if known is None:
            known = self._last[name] = self._at_last(name, nodeflib, None)
        return known

    def _at_last(self, name: str, nodeflib: bool, working: list[Attempt] | None) -> Hit:
        """The cache and the system directories: the same for everybody."""
        entry = self._cached(name)
        if entry is not None and not (nodeflib and self._in_system_dir(entry)):
            hit = self._candidate(entry, How.CACHE, working)
            if hit is not None:
                return hit
        return (None if nodeflib else self._shelves.walk(name, self._system, self._judge, working)) or Hit()

    def _direct(self, path: FsPath, working: list[Attempt] | None) -> Hit:
        if not path.startswith("/"):
            if working is not None:
                reason = "relative to the working folder"
                working.append(Attempt(path, How.DIRECT, None, Verdict.ABSENT, reason=reason))
            return Hit()
        return self._candidate(path, How.DIRECT, working) or Hit()

    def _candidate(self, path: FsPath, how: How, working: list[Attempt] | None) -> Hit | None:
        verdict, obj, unread = self._judge(path)
        if working is not None:
            working.append(Attempt(path, how, None, verdict, reason=unread.reason if unread else ""))
        if verdict is Verdict.INVALID:
            return Hit(None, unread)
        return Hit(obj) if verdict is Verdict.FOUND else None

    def _judge(self, path: FsPath) -> Judgement:
        known = self._judgements.get(path)
        if known is None:
            known = self._judgements[path] = self._verdict(path)
        return known

    def _verdict(self, path: FsPath) -> Judgement:
        found = self._disk.objects(path)
        if found is None or found == ():
            return ABSENT
        if isinstance(found, Unread):
            skipped = Verdict.WRONG_MACHINE if found.reason.startswith(OTHER_CLASS) else Verdict.DENIED
            return Judgement(Verdict.INVALID if found.fatal else skipped, None, found)
        obj, mine = found[0], self._executable.arch
        if obj.arch == mine:
            return Judgement(Verdict.FOUND, obj)
        if obj.arch.bits != mine.bits:
            reason = f"{OTHER_CLASS}: ELFCLASS{obj.arch.bits}"
            return Judgement(Verdict.WRONG_MACHINE, None, Unread(path, reason, False))
        if obj.arch.little != mine.little:
            reason = f"ELF file data encoding not {'little' if mine.little else 'big'}-endian"
            return Judgement(Verdict.INVALID, None, Unread(path, reason, True))
        return Judgement(Verdict.WRONG_MACHINE, None, Unread(path, NO_SUCH_FILE, False))

    # ── the cache ────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _cache(self) -> dict[str, list[CacheEntry]]:
        index: dict[str, list[CacheEntry]] = {}
        arch = self._executable.arch
        for entry in self._loader.cache:
            if usable(entry.flags, arch):
                index.setdefault(entry.soname, []).append(entry)
        return index

    def _cached(self, name: str) -> FsPath | None:
        """The one path that the cache answers with: the best glibc-hwcaps folder's, else the first plain one."""
        best: CacheEntry | None = None
        for entry in self._cache.get(name, ()):
            if entry.hwcap is None:
                return best.path if best is not None else entry.path
            if entry.hwcap in self._loader.hwcaps and (best is None or self._rank(entry) < self._rank(best)):
                best = entry
        return best.path if best is not None else None

    def _rank(self, entry: CacheEntry) -> int:
        return self._loader.hwcaps.index(entry.hwcap or "")

    def _in_system_dir(self, path: FsPath) -> bool:
        return any(path.startswith(f"{folder}/") for folder in self._loader.system_dirs)


def _library_path(process: Process, loader: Loader, tokens: Tokens) -> tuple[str, ...]:
    """LD_LIBRARY_PATH as the loader reads it at the start, with what a shim appends to it."""
    given = [text for text in (process.env.get("LD_LIBRARY_PATH"), loader.library_path) if text]
    return folders(":".join(given), tokens, ":;") if given else ()


def _unfit(obj: Elf) -> str | None:
    """Why an object of the right machine is refused after it was found; the search does not go on."""
    if obj.kind == 2:
        return "cannot dynamically load executable"
    if not obj.dynamic:
        return "object file has no dynamic section"
    if obj.pie:
        return "cannot dynamically load position-independent executable"
    return None

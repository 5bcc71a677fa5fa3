"""Starts a process, opens objects in it, and tells every object's fate: the loader's rules, applied breadth first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, FsPath, Process, Unread
from nixpydoctor.light import dataclass, replace
from nixpydoctor.loader.elf import Glibc
from nixpydoctor.loader.opening import begun, map_path, refused, resolution, settle, traced
from nixpydoctor.loader.search import Mapped, Node, Rules, file_of
from nixpydoctor.loader.shared import Miss, Shared
from nixpydoctor.loader.symbols import Binding
from nixpydoctor.loader.trace import Attempt, LinkMap, Resolution, VersionFault
from nixpydoctor.loader.versions import faults
from nixpydoctor.reader import Unbound


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one object when a process opens it."""

    loads: bool
    missing: tuple[tuple[str, FsPath], ...] = ()
    """(needed name, the object that needs it), in load order."""
    faults: tuple[VersionFault, ...] = ()
    invalid: tuple[tuple[str, Unread], ...] = ()
    """Needed names whose search ended at a file that stops the loader; each is in `missing` as well."""
    failure: Unread | None = None
    """Why the object itself cannot be used."""
    objects: tuple[FsPath, ...] = ()
    """What is mapped because of it, itself first; what the process had before is left out."""


class Closures:
    """One process after its start, and what opening each of a thousand objects would do to it.

    Each object is opened in the process as it was after the start, not after the object before it: what an earlier
    import happens to load is not to be relied on.
    """

    def __init__(self, process: Process, disk: Disk) -> None:
        rules = _rules(process, disk)
        self.image: LinkMap
        """The process as its own code begins."""
        if isinstance(rules, Unread):
            self._rules, self._mapped = None, Mapped()
            self.image = _without_loader(process, rules, disk)
        else:
            self._rules, self._mapped = rules, rules.begin()
            self.image = begun(rules, self._mapped)
        self._why = rules if isinstance(rules, Unread) else None
        self._fates: dict[tuple[FsPath, tuple[FsPath, ...]], Fate] = {}
        self._after: dict[tuple[FsPath, ...], Mapped] = {}
        self._roots: dict[FsPath, Node | None] = {}
        self._shared = Shared(self._rules, self._mapped) if self._rules is not None else None
        family = process.loader.family if process.loader is not None else None
        self._binding = Binding(disk, self.image.objects, self._shared, every=family == "musl")
        self._disk = disk
        self._told: dict[FsPath, Unbound] = {}
        self._lazy = not process.env.get("LD_BIND_NOW") and family != "musl"

    def fate(self, path: FsPath, also: tuple[FsPath, ...] = ()) -> Fate:
        """What becomes of the object at `path`, where those in `also` were opened before it."""
        key = (path, also)
        known = self._fates.get(key)
        if known is None:
            known = self._fates[key] = self._fate(path, also)
        return known

    def loads(self, path: FsPath) -> bool:
        """The same in one word: for a thousand objects, most of which load."""
        root = self._root(path)
        return (root is not None and self._shared is not None and self._shared.loads(root)) or self.fate(path).loads

    def unbound(self, path: FsPath) -> Unbound:
        """(object, symbol) that opening `path` looks for in vain; empty where it does not come that far."""
        root = self._root(path)
        if root is None or self._rules is None or not self.loads(path):
            return ()
        told = self._told.get(path)
        if told is not None:
            return self._disk.unbound(path, lambda symbols: told) if told else ()
        return self._binding.lacks(root, lambda: self._nodes(root))

    def expect_unbound(self, paths: Iterable[FsPath]) -> bool:
        """Say early of which objects `unbound` will be asked, to another process; whether there is one."""
        return self._binding.expect([root for path in paths if (root := self._root(path)) is not None])

    def suppose(self, unbound: Mapping[FsPath, Unbound]) -> None:
        """Take this for what `unbound` would find out."""
        self._told = dict(unbound)

    @cached_property
    def unbound_at_start(self) -> Unbound:
        """The same for the start of the process itself."""
        return self._binding.at_start(lazy=self._lazy) if self.image.loads else ()

    def _nodes(self, root: Node) -> Sequence[Node]:
        """What opening `root` maps, in load order."""
        closure = self._shared.closure(root) if self._shared is not None else None
        if closure is not None or self._rules is None:
            return closure.nodes if closure is not None else ()
        mapped = self._mapped.copy()
        map_path(self._rules, mapped, root.obj.path, shared=True)
        settle(self._rules, mapped, len(self._mapped.order), None)
        return mapped.order[len(self._mapped.order) :]

    def drawn(self, paths: Iterable[FsPath]) -> frozenset[FsPath]:
        """Everything that opening any of these maps."""
        if self._shared is None:
            return frozenset()
        known: list[Node] = []
        others: list[tuple[FsPath, ...]] = []
        for path, root in [(path, self._root(path)) for path in paths]:
            if root is not None and self._shared.loads(root):
                known.append(root)
            elif root is not None:
                others.append(self.fate(path).objects)
        return frozenset(self._shared.drawn(known)).union(*others)

    def searches(self, path: FsPath) -> tuple[Resolution, ...]:
        """The searches of one opening that lead to nothing, in load order, with their working.

        Where the whole trace would give a folder several names, these give it one (`shared`); and where objects of
        several closures name the same folders, whose RPATH it was is told only if that object is part of this one.
        """
        root = self._root(path)
        closure = self._shared.closure(root) if root is not None and self._shared is not None else None
        if closure is None or self._rules is None or not self._rules.tells:
            return self.trace(path).missing
        found: list[Resolution] = []
        inside = {None, self._mapped.order[0].obj.path, *(node.obj.path for node in closure.nodes)}
        for miss in closure.misses:
            working: list[Attempt] = []
            answer = self._rules.find(miss.name, miss.requester, working)
            working = [one if one.source in inside else replace(one, source=None) for one in working]
            found.append(resolution(miss.needed, miss.requester, working, answer))
        return tuple(found)

    def trace(self, path: FsPath, also: tuple[FsPath, ...] = ()) -> LinkMap:
        """The same with the working shown."""
        if self._rules is None:
            return refused(self.image, self._why)
        return traced(self._rules, self._opened(also), path)

    def _opened(self, also: tuple[FsPath, ...]) -> Mapped:
        """The process after those were opened, one after the other; one that does not load leaves nothing behind."""
        if not also or self._rules is None:
            return self._mapped
        known = self._after.get(also)
        if known is None:
            known = self._opened(also[:-1])
            if self.fate(also[-1], also[:-1]).loads:
                first, known = len(known.order), known.copy()
                map_path(self._rules, known, also[-1], shared=True)
                settle(self._rules, known, first, None)
            self._after[also] = known
        return known

    def _fate(self, path: FsPath, also: tuple[FsPath, ...]) -> Fate:
        if self._rules is None:
            return Fate(False, failure=self._why)
        base = self._opened(also)
        if not also and (quick := self._quick(path)) is not None:
            return quick
        mapped = base.copy()
        answer = map_path(self._rules, mapped, path, shared=True)
        if answer.node is None:
            return Fate(False, failure=answer.invalid)
        misses = settle(self._rules, mapped, len(base.order), None)
        new = mapped.order[len(base.order) :]
        return _fate(new, misses, [fault for node in new for fault in faults(node, mapped.names)])

    def _quick(self, path: FsPath) -> Fate | None:
        """The fate without the order of mapping, where that cannot matter."""
        root = self._root(path)
        closure = self._shared.closure(root) if root is not None and self._shared is not None else None
        return None if closure is None else _fate(closure.nodes, closure.misses, closure.lacks)

    def _root(self, path: FsPath) -> Node | None:
        """The object at `path` as the first of its closure; None where it is none, or is mapped already."""
        if path not in self._roots:
            self._roots[path] = self._opened_first(path)
        return self._roots[path]

    def _opened_first(self, path: FsPath) -> Node | None:
        if self._rules is None or path in self._mapped.names:
            return None
        root = self._rules.opened(path, shared=True).node
        return None if root is None or root.unfit is not None or root.file in self._mapped.files else root


def _fate(new: Sequence[Node], misses: Sequence[Miss], lacks: Sequence[VersionFault]) -> Fate:
    return Fate(
        loads=not misses and all(fault.weak for fault in lacks),
        missing=tuple([(miss.needed, miss.requester.obj.path) for miss in misses]),
        faults=tuple(lacks),
        invalid=tuple([(miss.needed, miss.invalid) for miss in misses if miss.invalid is not None]),
        objects=tuple([node.obj.path for node in new]),
    )


def start(process: Process, disk: Disk) -> LinkMap:
    """What exec does: the executable, its preloads, and all they need."""
    return Closures(process, disk).image


def dlopen(image: LinkMap, process: Process, path: FsPath, disk: Disk) -> LinkMap:
    """What `import` of an extension does in a process with `image`; the searches are those of this opening alone."""
    rules = _rules(process, disk)
    if isinstance(rules, Unread):
        return refused(image, rules)
    first = rules.begin()
    main, loader = first.order[0], set(first.names.values())
    nodes = {node.obj.path: node for node in (*loader, main)}
    nodes |= {obj.path: Node(obj, file_of(obj)) for obj in image.objects if obj.path not in nodes}
    mapped = Mapped(
        order=[nodes[obj.path] for obj in image.objects],
        names={name: nodes.get(obj.path) or Node(obj, file_of(obj)) for name, obj in image.known.items()},
        files=first.files | {node.file: node for node in nodes.values() if node not in loader and node is not main},
    )
    return traced(rules, mapped, path)


def _rules(process: Process, disk: Disk) -> Rules | Unread:
    """The loader's rules for this process; `Unread` where no loader runs in it."""
    executable = _executable(process, disk)
    if isinstance(executable, Unread):
        return executable
    loader = process.loader
    if loader is None and process.interp is None:
        return Unread(process.executable, "a static program has no loader", True)
    if loader is None:
        return Unread(process.interp or process.executable, "No such file or directory", True)
    if loader.family == "stub":
        return Unread(loader.path, "it only explains that programs for other distributions do not start here", True)
    if loader.family == "musl":
        from nixpydoctor.loader.musl import Musl  # glibc's processes, nearly all of them, do not pay for it

        return Musl(process, loader, executable, disk)
    return Glibc(process, loader, executable, disk)


def _executable(process: Process, disk: Disk) -> Elf | Unread:
    found = disk.objects(process.executable)
    if isinstance(found, Unread):
        return found
    return found[0] if found else Unread(process.executable, "No such file or directory", True)


def _without_loader(process: Process, why: Unread, disk: Disk) -> LinkMap:
    """A static program runs by itself; anything else does not start."""
    executable = _executable(process, disk)
    if process.interp is None and process.loader is None and isinstance(executable, Elf):
        return LinkMap((executable,), ())
    return LinkMap((), (), failure=why)

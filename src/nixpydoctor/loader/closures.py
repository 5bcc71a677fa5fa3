"""Starts a process, opens objects in it, and tells every object's fate: the loader's rules, applied breadth first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, FsPath, Process, Unread
from nixpydoctor.loader.elf import Glibc
from nixpydoctor.loader.musl import Musl
from nixpydoctor.loader.search import NO_SUCH_FILE, Answer, Mapped, Node, Rules
from nixpydoctor.loader.trace import Attempt, LinkMap, Resolution, VersionFault


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


class Miss(NamedTuple):
    """A needed name that led to nothing."""

    needed: str
    requester: FsPath
    invalid: Unread | None


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
            self.image = _begun(rules, self._mapped)
        self._why = rules if isinstance(rules, Unread) else None
        self._fates: dict[tuple[FsPath, tuple[FsPath, ...]], Fate] = {}
        self._after: dict[tuple[FsPath, ...], Mapped] = {}

    def fate(self, path: FsPath, also: tuple[FsPath, ...] = ()) -> Fate:
        """What becomes of the object at `path`, where those in `also` were opened before it."""
        key = (path, also)
        known = self._fates.get(key)
        if known is None:
            known = self._fates[key] = self._fate(path, also)
        return known

    def trace(self, path: FsPath, also: tuple[FsPath, ...] = ()) -> LinkMap:
        """The same with the working shown."""
        if self._rules is None:
            return _refused(self.image, self._why)
        return _traced(self._rules, self._opened(also), path)

    def _opened(self, also: tuple[FsPath, ...]) -> Mapped:
        """The process after those were opened, one after the other; one that does not load leaves nothing behind."""
        if not also or self._rules is None:
            return self._mapped
        known = self._after.get(also)
        if known is None:
            known = self._opened(also[:-1])
            if self.fate(also[-1], also[:-1]).loads:
                known = known.copy()
                self._rules.open(also[-1], known)
                _settle(self._rules, known, len(self._opened(also[:-1]).order), None)
            self._after[also] = known
        return known

    def _fate(self, path: FsPath, also: tuple[FsPath, ...]) -> Fate:
        rules = self._rules
        if rules is None:
            return Fate(False, failure=self._why)
        base = self._opened(also)
        first = len(base.order)
        mapped = base.copy()
        answer = rules.open(path, mapped)
        if answer.node is None:
            return Fate(False, failure=answer.invalid or Unread(path, NO_SUCH_FILE, True))
        misses = _settle(rules, mapped, first, None)
        new = mapped.order[first:]
        faults = tuple([fault for node in new for fault in rules.faults(node, mapped)])
        return Fate(
            loads=not misses and all(fault.weak for fault in faults),
            missing=tuple([(miss.needed, miss.requester) for miss in misses]),
            faults=faults,
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
        return _refused(image, rules)
    mapped = rules.begin()
    mapped.order[1:] = [Node(obj) for obj in image.objects[1:]]
    mapped.identities.update({node.obj.identity: node for node in mapped.order[1:]})
    nodes = {node.obj.path: node for node in mapped.order}
    mapped.names.update({name: nodes.get(obj.path) or Node(obj) for name, obj in image.known.items()})
    return _traced(rules, mapped, path)


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
    return (Musl if loader.family == "musl" else Glibc)(process, loader, executable, disk)


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


def _begun(rules: Rules, mapped: Mapped) -> LinkMap:
    main = mapped.order[0]
    done: list[Resolution] = []
    ignored: list[Resolution] = []
    for name in rules.preloads():
        working: list[Attempt] = []
        answer = rules.request(name, main, mapped, working)
        (ignored if answer.node is None else done).append(_resolution(name, main, working, answer))
    _settle(rules, mapped, 0, done)
    faults = tuple([fault for node in mapped.order for fault in rules.faults(node, mapped)])
    present = set(map(id, mapped.order))
    # The loader is there from the beginning, under its names; it takes its place after what was mapped for the program.
    mapped.order.extend(node for node in dict.fromkeys(mapped.names.values()) if id(node) not in present)
    return _link_map(mapped, done, faults, ignored=tuple(ignored))


def _traced(rules: Rules, base: Mapped, path: FsPath) -> LinkMap:
    first = len(base.order)
    mapped = base.copy()
    answer = rules.open(path, mapped)
    if answer.node is None:
        return _link_map(mapped, [], (), failure=answer.invalid or Unread(path, NO_SUCH_FILE, True))
    done: list[Resolution] = []
    _settle(rules, mapped, first, done)
    faults = tuple([fault for node in mapped.order[first:] for fault in rules.faults(node, mapped)])
    return _link_map(mapped, done, faults)


def _settle(rules: Rules, mapped: Mapped, first: int, done: list[Resolution] | None) -> list[Miss]:
    """Map what the objects from number `first` on need, and what that needs; the working goes to `done`."""
    misses: list[Miss] = []
    order = mapped.order
    while first < len(order):
        node = order[first]
        first += 1
        for name in node.obj.needed:
            working: list[Attempt] | None = None if done is None else []
            answer = rules.request(name, node, mapped, working)
            if answer.node is None:
                misses.append(Miss(name, node.obj.path, answer.invalid))
            if done is not None and working is not None:
                done.append(_resolution(name, node, working, answer))
    return misses


def _resolution(name: str, requester: Node, working: list[Attempt], answer: Answer) -> Resolution:
    found = answer.node.obj if answer.node is not None else None
    return Resolution(name, requester.obj.path, tuple(working), found, answer.invalid)


def _link_map(
    mapped: Mapped,
    done: list[Resolution],
    faults: tuple[VersionFault, ...],
    failure: Unread | None = None,
    ignored: tuple[Resolution, ...] = (),
) -> LinkMap:
    known = {name: node.obj for name, node in mapped.names.items()}
    return LinkMap(tuple([node.obj for node in mapped.order]), tuple(done), faults, failure, ignored, known)


def _refused(image: LinkMap, why: Unread | None) -> LinkMap:
    return LinkMap(image.objects, (), failure=why, known=image.known)

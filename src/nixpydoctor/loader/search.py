"""What every loader's search is made of: folders, verdicts on candidates, and the objects mapped so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, FsPath, Unread, join
from nixpydoctor.loader.trace import Attempt, How, Verdict, VersionFault

NO_SUCH_FILE = "cannot open shared object file: No such file or directory"
SKIPPED_ERRORS = frozenset({"Permission denied", "No such file or directory"})
"""Errors of open(2) after which the next folder is tried; after any other the rest of this search path is not."""


class Step(NamedTuple):
    """The folders that one search path contributes."""

    how: How
    source: FsPath | None
    folders: tuple[str, ...]


class Judgement(NamedTuple):
    """What a loader makes of one candidate."""

    verdict: Verdict
    obj: Elf | None = None
    unread: Unread | None = None


class Hit(NamedTuple):
    """How a search ended: with an object, with an error that stops the loader, or with neither."""

    obj: Elf | None = None
    invalid: Unread | None = None


class Judge(Protocol):
    """A loader's opinion of what is at a path."""

    def __call__(self, path: FsPath) -> Judgement: ...


@dataclass(slots=True, eq=False)
class Node:
    """A mapped object and the search paths that it hands down to what it needs."""

    obj: Elf
    inherited: tuple[Step, ...] = ()
    """Its own RPATH and those of the objects that led to it, nearest first."""


@dataclass(slots=True, eq=False)
class Mapped:
    """The objects of a process, in load order, and what finds them again without a search."""

    order: list[Node] = field(default_factory=list)
    names: dict[str, Node] = field(default_factory=dict)
    identities: dict[tuple[int, int], Node] = field(default_factory=dict)

    def copy(self) -> Mapped:
        """The same objects, free to grow apart."""
        return Mapped(self.order.copy(), self.names.copy(), self.identities.copy())

    def same_file(self, obj: Elf) -> Node | None:
        """The mapped object that is the same file. (0, 0) is the identity of a file that does not exist yet."""
        return self.identities.get(obj.identity) if obj.identity != (0, 0) else None


class Answer(NamedTuple):
    """What came of one needed name."""

    node: Node | None
    invalid: Unread | None = None


class Rules(Protocol):
    """One loader's rules for one process."""

    def begin(self) -> Mapped:
        """What is mapped before any needed name is looked at: the executable, and the loader under its names."""
        ...

    def preloads(self) -> tuple[str, ...]:
        """Names that are loaded right after the executable; one that cannot be is only warned about."""
        ...

    def request(self, name: str, requester: Node, mapped: Mapped, working: list[Attempt] | None) -> Answer:
        """Find one needed name and map it; the places tried go to `working`."""
        ...

    def open(self, path: FsPath, mapped: Mapped) -> Answer:
        """Map the object at `path` as dlopen(3) does when it is called with a path."""
        ...

    def faults(self, requester: Node, mapped: Mapped) -> tuple[VersionFault, ...]:
        """Versions that `requester` wants and the object really chosen does not define."""
        ...


Layer = tuple[str, frozenset[str] | None]
"""A folder that exists, and its names; None where it exists and cannot be listed: then each file is asked for."""


class Shelves:
    """Search folders with the subfolders that a loader looks through in each, asked of the disk once."""

    def __init__(self, disk: Disk, subfolders: tuple[str, ...]) -> None:
        self._disk = disk
        self._subfolders = subfolders
        self._layers: dict[str, tuple[Layer, ...]] = {}

    def layers(self, folder: str) -> tuple[Layer, ...]:
        """The folder and its subfolders, as far as they exist, in the order in which they are looked through."""
        known = self._layers.get(folder)
        if known is None:
            known = self._layers[folder] = self._look(folder)
        return known

    def _look(self, folder: str) -> tuple[Layer, ...]:
        if not folder.startswith("/"):  # relative to a working folder that is nobody's to know
            return ()
        names = self._disk.names(FsPath(folder))
        if names is None:
            return ((folder, None),) if folder != "/" and self._disk.has(FsPath(folder)) else ()
        layers: list[Layer] = []
        for subfolder in self._subfolders:
            if subfolder.partition("/")[0] in names:
                held = self._disk.names(join(folder, subfolder))
                if held is not None:
                    layers.append((join(folder, subfolder), held))
        return (*layers, (folder, names))

    def walk(self, name: str, step: Step, judge: Judge, working: list[Attempt] | None) -> Hit | None:
        """Look for `name` along one search path; None where the next one is to be tried."""
        for folder in step.folders:
            said = False
            for place, names in self.layers(folder):
                if names is not None and name not in names:
                    continue
                path = join(place, name)
                verdict, obj, unread = judge(path)
                if verdict is Verdict.ABSENT:
                    continue
                if working is not None:
                    reason = unread.reason if unread else ""
                    working.append(Attempt(path, step.how, step.source, verdict, reason=reason))
                    said = place == folder
                if verdict is Verdict.FOUND:
                    return Hit(obj)
                if verdict is Verdict.INVALID:
                    return Hit(None, unread)
                if verdict is Verdict.DENIED and unread is not None and unread.reason not in SKIPPED_ERRORS:
                    return None
            if working is not None and not said:
                reason = "relative to the working folder" if not folder.startswith("/") else ""
                working.append(Attempt(FsPath(folder), step.how, step.source, Verdict.ABSENT, True, reason))
        return None

"""What every loader's search is made of: folders, verdicts on candidates, and the objects mapped so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, FsPath, Unread, VersionNeed, join
from nixpydoctor.light import NamedTuple, dataclass, field
from nixpydoctor.loader.trace import Attempt, How, Verdict, VersionFault

NO_SUCH_FILE = "cannot open shared object file: No such file or directory"
SKIPPED_ERRORS = frozenset({"Permission denied", "No such file or directory"})
"""Errors of open(2) after which the next folder is tried; after any other the rest of this search path is not."""


class Step(NamedTuple):
    """The folders that one search path contributes."""

    how: How
    source: FsPath | None
    folders: tuple[str, ...]


def nearest(steps: Iterable[Step]) -> dict[tuple[str, ...], Step]:
    """Each list of folders where it is searched first: what was not there then is not there the second time."""
    once: dict[tuple[str, ...], Step] = {}
    for step in steps:
        once.setdefault(step.folders, step)
    return once


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
class Places:
    """Where the needed names of an object are looked for. Objects that look into the same folders share one."""

    inherited: tuple[Step, ...] = ()
    """Its own RPATH and those of the objects that led to it, nearest first: what it hands down."""
    steps: tuple[Step, ...] = ()
    """The search paths that come before the loader's own places, where this loader keeps them apart."""
    hits: dict[str, Hit] = field(default_factory=dict)
    """What searches found."""
    answers: dict[str, Answer] = field(default_factory=dict)
    """Where they led, as something below `inherited`. Both are kept where no working is asked for."""


@dataclass(slots=True, eq=False)
class Node:
    """An object as one place in a chain of requests maps it. It knows no process: many share it."""

    obj: Elf
    file: object
    """What tells that two nodes are one file."""
    places: Places = field(default_factory=Places)
    needs: tuple[str, ...] = ()
    """Its needed names, tokens replaced; empty where a token has no value."""
    known_as: str | None = None
    """The soname, where this loader knows objects by it."""
    unfit: str | None = None
    """Why the loader stops when it maps this object."""
    wants: tuple[VersionNeed, ...] = ()
    """The symbol versions that it wants, where this loader checks them."""
    defines: frozenset[str] | None = None
    """The symbol versions that it defines, to look them up; None until somebody wants one."""
    checked: tuple[tuple[Node | None, ...], tuple[VersionFault, ...]] | None = None
    """What stood for each file that it wants versions of when that was last worked out, and the outcome.

    None where nothing had to be: whatever stands for them defines what is wanted.
    """


class Answer(NamedTuple):
    """What came of one needed name: an object to map, an error that stops the loader, or neither."""

    node: Node | None = None
    invalid: Unread | None = None


@dataclass(slots=True, eq=False)
class Mapped:
    """The objects of a process, in load order, and what finds them again without a search."""

    order: list[Node] = field(default_factory=list)
    names: dict[str, Node] = field(default_factory=dict)
    files: dict[object, Node] = field(default_factory=dict)

    def copy(self) -> Mapped:
        """The same objects, free to grow apart."""
        return Mapped(self.order.copy(), self.names.copy(), self.files.copy())

    def place(self, name: str, answer: Answer) -> Answer:
        """Map what was found for `name`, a name not known so far, unless that very file is mapped already."""
        node = answer.node
        if node is None:
            return answer
        same = self.files.get(node.file)
        if same is not None:
            self.names[name] = same
            return Answer(same)
        if node.unfit is not None:
            return Answer(None, Unread(node.obj.path, node.unfit, True))
        self.order.append(node)
        self.files[node.file] = node
        self.names[name] = node
        if node.known_as is not None and node.known_as not in self.names:
            self.names[node.known_as] = node
        return answer


def answered(rules: Rules, node: Node, name: str) -> Answer:
    """Where the search for one of a node's needed names leads, asked once."""
    answers = node.places.answers
    known = answers.get(name)
    if known is None:
        known = rules.find(name, node, None)
        if name:  # the error about a name that is empty tells whose it is
            answers[name] = known
    return known


class Rules(Protocol):
    """One loader's rules for one process."""

    tells: bool
    """Whether the search of a shared node can be shown: else only the whole trace knows whose search path is whose."""

    def begin(self) -> Mapped:
        """What is mapped before any needed name is looked at: the executable, and the loader under its names."""
        ...

    def preloads(self) -> tuple[str, ...]:
        """Names that are loaded right after the executable; one that cannot be is only warned about."""
        ...

    def find(self, name: str, requester: Node, working: list[Attempt] | None) -> Answer:
        """Search one needed name that nothing mapped answers to; the places tried go to `working`."""
        ...

    def opened(self, path: FsPath, *, shared: bool) -> Answer:
        """What dlopen(3) makes of a path that nothing mapped answers to.

        `shared` where no working will be asked for: whose search path led somewhere need not be kept apart then.
        """
        ...


def file_of(obj: Elf) -> object:
    """Device and inode; the path for a file that does not exist yet, whose identity is (0, 0)."""
    return obj.identity if obj.identity != (0, 0) else obj.path


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

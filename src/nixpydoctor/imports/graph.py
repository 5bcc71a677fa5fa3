"""What every walk over one Python's modules shares: where names lead, and what no state of the process changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nixpydoctor.disk import Disk
from nixpydoctor.edges import Import
from nixpydoctor.facts import FsPath, World, leaf
from nixpydoctor.imports.finder import Finder, Module, absolute
from nixpydoctor.imports.outcome import NOTHING, Outcome
from nixpydoctor.imports.surroundings import Surroundings
from nixpydoctor.imports.values import Slot
from nixpydoctor.knowledge.dlopens import Known, known
from nixpydoctor.light import dataclass, field


@dataclass(frozen=True, slots=True)
class Broken:
    """An extension module that cannot be loaded."""

    missing: frozenset[str]
    """Sonames that are not found; empty where it is broken for a reason that no preload cures."""


@dataclass(slots=True)
class Place:
    """A statement that opens libraries: the names it tried in vain, and whether one opened after all."""

    site: FsPath
    line: int
    names: list[str] = field(default_factory=list)
    opened: bool = False
    asked: bool = True
    """Whether nothing was opened yet, only looked for."""
    source: str = ""

    def tried(self, name: str) -> None:
        """One more name that did not open."""
        if name not in self.names:
            self.names.append(name)


@dataclass(slots=True)
class Done:
    """What became of an executed module."""

    outcome: Outcome
    brought: frozenset[str]
    """Sonames that it loaded."""
    names: Mapping[str, Slot]
    """What it leaves behind for others to import."""
    steady: bool
    """Whether it is the same in every state of the process."""
    cut: bool
    """Whether something that it imports was left out."""
    loose: bool = False
    """Whether it was executed loosely, as nothing that it imports fails: its names are not known then."""
    flags: tuple[str, ...] = ()
    """Names that somebody may ask of a loose one."""

    @property
    def quiet(self) -> bool:
        """Whether whoever imports it need not know more than that it has been executed."""
        return self.outcome is NOTHING and self.steady and not self.brought and not self.cut


Plan = tuple[tuple[str, ...], tuple[str, ...]]
"""What an import executes: the module with all above it, then those of the names behind `from` that are submodules."""


class Graph:
    """The modules of one Python, whatever loads in its process."""

    def __init__(self, world: World, disk: Disk, lost: Mapping[str, FsPath]) -> None:
        self.disk = disk
        self.finder = Finder(world, disk)
        self.surroundings = Surroundings(world, disk)
        self.known: dict[str, list[Known]] = {}
        """Module → what it is known to open."""
        for dist in world.dists:
            for entry in known(dist.key, dist.version):
                for module in entry.modules:
                    self.known.setdefault(module, []).append(entry)
        self.foreign: Mapping[str, Sequence[FsPath]] = _by_name(world, lost)
        """Module → objects that would be it for another Python or in another place of the path, or were it once."""
        self.declaring = _declaring(world, "numpy")
        """Top-level modules whose distribution requires numpy: their compiled modules do not go on without it."""
        self.stdlib_brings = _brought(world, disk)
        """Sonames that the standard library's own extensions load: an import before may so cure what lacks one."""
        self.doubtful: set[FsPath] = set()
        """Every extension that was broken in some state."""
        self.steady: dict[str, Done] = {}
        self._wanted: set[str] = set()
        self._chains: dict[str, tuple[str, ...]] = {}
        self._plans: dict[int | tuple[int, str], tuple[Import, Plan]] = {}
        self._outcomes: dict[object, Outcome] = {}

    def begin(self, broken: Mapping[FsPath, Broken]) -> dict[str, Done]:
        """What is known already in a state in which these are broken."""
        wanted = set[str]().union(*[one.missing for one in broken.values()])
        if not (broken.keys() <= self.doubtful and wanted <= self._wanted):
            self.steady.clear()
            self.doubtful |= broken.keys()
            self._wanted |= wanted
        return dict(self.steady)

    def shared(self, outcome: Outcome) -> Outcome:
        """The one outcome that stands for all that are the same, as those of most modules of a package are.

        The order of its exceptions counts: the first one decides which handler's names are followed.
        """
        if not (outcome.sure or outcome.maybe):
            return NOTHING
        key = (tuple(outcome.sure.items()), tuple(outcome.maybe.items()))
        return self._outcomes.setdefault(key, outcome)

    def chain(self, name: str) -> tuple[str, ...]:
        """`a`, `a.b` and `a.b.c`."""
        known_chain = self._chains.get(name)
        if known_chain is None:
            above = name.rpartition(".")[0]
            known_chain = self._chains[name] = (*(self.chain(above) if above else ()), name)
        return known_chain

    def plan(self, step: Import, module: Module) -> Plan:
        """What an import statement in that module executes."""
        key = (id(step), module.name) if step.module[:1] == "." else id(step)
        kept = self._plans.get(key)
        if kept is None:
            base = absolute(step.module, module)
            below: tuple[str, ...] = ()
            if step.names and ((found := self.finder.find(base)) is None or found.places is not None):
                names = (f"{base}.{name}" for name in step.names if name != "*")
                below = tuple(name for name in names if self.finder.find(name) or name in self.foreign)
            # The statement is kept beside its plan: as long as it lives, nothing else has its id.
            kept = self._plans[key] = (step, (self.chain(base), below))
        return kept[1]

    def exists(self, name: str) -> bool:
        """Whether `find_spec(name)` finds something."""
        return self.finder.find(name) is not None

    def constant(self, module: str, name: str) -> str | int | None:
        """A number or plain text that a module's first lines of that name give it; None where there is none."""
        found = self.finder.find(module)
        text = self.disk.text(found.path) if found is not None and found.kind == "source" else None
        match = (
            re.search(rf"^{re.escape(name)}\s*=\s*(?:(\d+)|(['\"])([^'\"\\]*)\2)\s*(?:#.*)?$", text, re.M)
            if isinstance(text, str)
            else None
        )
        if match is None:
            return None
        return int(match.group(1)) if match.group(1) else match.group(3)

    def location(self, name: str) -> tuple[str, tuple[str, ...]]:
        """A module's file, empty where it has none, and a package's folders."""
        module = self.finder.find(name)
        return (module.path, module.places or ()) if module is not None else ("", ())


def _brought(world: World, disk: Disk) -> frozenset[str]:
    objects = (disk.objects(path) for dist in world.dists if dist.key == "python" for path in dist.extensions)
    return frozenset(name for found in objects if isinstance(found, tuple) for obj in found for name in obj.needed)


def _declaring(world: World, name: str) -> frozenset[str]:
    """Top-level modules of the distribution `name` and of all that require it, directly or not."""
    chosen = {name}
    while more := {dist.key for dist in world.dists if dist.key not in chosen and not chosen.isdisjoint(dist.requires)}:
        chosen |= more
    return frozenset(top for dist in world.dists if dist.key in chosen or not dist.version for top in dist.top_level)


def _by_name(world: World, lost: Mapping[str, FsPath]) -> dict[str, list[FsPath]]:
    """Foreign, lost and vanished extensions by the dotted name of the module that each is."""
    found = {name: [path] for name, path in lost.items()}
    for dist in world.dists:
        for path in (*dist.foreign, *dist.vanished):
            below = path.removeprefix(f"{dist.location}/")
            parts = below.split("/")
            name = ".".join([*parts[:-1], leaf(below).partition(".")[0]])
            found.setdefault(name, []).append(path)
    return found

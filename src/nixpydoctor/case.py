"""Facts with what follows from them, each computed on first use and kept: what rules and remedies receive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from nixpydoctor import neighbours
from nixpydoctor.byname import ByName
from nixpydoctor.disk import Disk
from nixpydoctor.facts import (
    MACHINES,
    Arch,
    Dist,
    Elf,
    Facts,
    FsPath,
    Process,
    Unread,
    leaf,
)
from nixpydoctor.imports import Broken, Imports, Reach
from nixpydoctor.light import replace
from nixpydoctor.loader import Closures, Fate, start
from nixpydoctor.loader.trace import LinkMap, Resolution, VersionFault
from nixpydoctor.reader import Unbound

if TYPE_CHECKING:
    from nixpydoctor.imports.winners import Winner, Winners
    from nixpydoctor.loader.images import Images

PYTHON = "python"
"""The name under which the standard library's own extensions are examined."""

_OF_DISTS = ("owners", "extensions", "extension_set", "gone")
"""What of a case follows from its distributions alone."""
_OF_LOADING = (
    "closures",
    "drawn",
    "companions",
    "refused",
    "programs",
    "unloadable",
    "reach",
    "_openings",
    "by_name",
)
"""What of a case follows from its distributions, its process, its loaders and its disk."""


class Case:
    """One set of facts, examined lazily."""

    def __init__(self, facts: Facts, imports: Imports | None = None, *, brief: bool = False) -> None:
        self.facts = facts
        self._imports = imports
        self._brief = brief
        self._missing: dict[FsPath, tuple[Resolution, ...]] = {}
        self._traces: dict[FsPath, LinkMap] = {}
        self._afters: list[Case] = []

    def after(self, facts: Facts) -> Case:
        """The case of `facts`, the same one for the same facts, with whatever of this one holds in it as well.

        It is brief: its searches lack their attempts, since nobody reads the evidence of a trial.
        """
        main, own = facts.main, self.facts.main
        if facts.imported:
            from nixpydoctor.explained import explains  # only where imports were really tried

            # What was really imported tells of the world as it was: only what nothing explained is carried over.
            left = tuple(outcome for outcome in facts.imported if not explains(self, outcome))
            facts = replace(facts, imported=left)
        for case in self._afters:
            if case.facts == facts:
                return case
        same = main.python == own.python and main.dists == own.dists and facts.disk.gone == self.disk.gone
        case = Case(facts, self.imports if same and main.python is not None else None, brief=True)
        self._afters.append(case)
        if same:
            self._hand(case, _OF_DISTS)
            if main.process == own.process and facts.disk == self.disk and facts.fhs_loader == self.facts.fhs_loader:
                self._hand(case, _OF_LOADING)
        return case

    @property
    def tried(self) -> bool:
        """Whether these are not the facts of a machine, but what a treatment would leave of them."""
        return self._brief

    def _hand(self, case: Case, names: Iterable[str]) -> None:
        """Give what was worked out here to a case for which it is true as well."""
        vars(case).update({name: vars(self)[name] for name in names if name in vars(self)})

    # ── the process ──────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def disk(self) -> Disk:
        """The disk of the facts."""
        return self.facts.disk

    @property
    def process(self) -> Process:
        """The process that is examined."""
        return self.facts.main.process

    @cached_property
    def closures(self) -> Closures | Images:
        """The started process, and every object's fate in it."""
        if self.dyld:
            from nixpydoctor.loader.images import Images  # only for a Python of macOS

            return Images(self.process, self.disk)
        return Closures(self.process, self.disk)

    @property
    def dyld(self) -> bool:
        """Whether the process is one of macOS."""
        return self.process.loader is not None and self.process.loader.family == "dyld"

    @property
    def image(self) -> LinkMap:
        """What the process has mapped when its own code begins."""
        return self.closures.image

    @property
    def starts(self) -> bool:
        """Whether the process comes to life at all: if not, that is one finding, not a thousand."""
        return self.process.interp is None or (self.image.loads and not self.closures.unbound_at_start)

    @cached_property
    def executable(self) -> Elf | None:
        """The process's own object, where it could be read."""
        return self.object(self.process.executable)

    @cached_property
    def arch(self) -> Arch | None:
        """What an object must be built for to be loaded here."""
        if self.executable is not None:
            return self.executable.arch
        return MACHINES.get(self.facts.platform.machine)

    def object(self, path: FsPath) -> Elf | None:
        """The object at `path`, or None where there is none that can be used."""
        found = self.disk.objects(path)
        return found[0] if isinstance(found, tuple) and found else None

    def unusable(self, path: FsPath) -> Unread | None:
        """Why the file at `path` is no object."""
        found = self.disk.slices(path) if self.dyld else self.disk.objects(path)
        return found if isinstance(found, Unread) else None

    def there(self, path: FsPath) -> bool:
        """Whether anything is at `path`, links followed."""
        return self.disk.objects(path) is not None

    # ── objects and their owners ─────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def owners(self) -> Mapping[FsPath, Dist]:
        """Every examined object's distribution."""
        return dict(self.facts.main.owners())

    @cached_property
    def extensions(self) -> tuple[FsPath, ...]:
        """Every extension module that this Python would load, the standard library's own included."""
        return tuple(path for dist in self.facts.main.dists for path in dist.extensions)

    @cached_property
    def companions(self) -> tuple[FsPath, ...]:
        """Bundled libraries and plugins that no extension's closure contains: nobody else speaks of them."""
        return tuple(path for dist in self.facts.main.dists for path in dist.libraries if path not in self.drawn)

    @cached_property
    def drawn(self) -> frozenset[FsPath]:
        """Every object that some extension maps."""
        return self.closures.drawn(self.extensions)

    @cached_property
    def programs(self) -> tuple[Process, ...]:
        """The environment's compiled console programs, each as the process it would be."""
        return neighbours.programs(self.facts)

    def bystander(self, name: str) -> Process | None:
        """Another program of the user's, as this process would start it; None where `name` calls no such program."""
        return neighbours.bystander(self.facts, name)

    def fate(self, path: FsPath) -> Fate:
        """Whether the object at `path` loads into the process, and what keeps it from it."""
        return self.closures.fate(path)

    @cached_property
    def unloadable(self) -> tuple[FsPath, ...]:
        """Extensions, then companions, that cannot be loaded. Empty where the process does not even start."""
        if not self.starts:
            return ()
        refused, unbound = self.refused, self.unbound
        return (
            *(path for path in self.extensions if path in refused or unbound(path)),
            *(path for path in self.companions if path in refused),
        )

    @cached_property
    def refused(self) -> frozenset[FsPath]:
        """Those of them that the loader does not map, whatever symbols there are."""
        loads = self.closures.loads
        return frozenset([path for path in (*self.extensions, *self.companions) if not loads(path)])

    def trace(self, path: FsPath) -> LinkMap:
        """The loader's working for one object, for what is reported."""
        if path not in self._traces:
            self._traces[path] = self.closures.trace(path)
        return self._traces[path]

    def missing(self, path: FsPath) -> tuple[Resolution, ...]:
        """Each needed name that leads to nothing once, in load order: the search of whoever asked first."""
        known = self._missing.get(path)
        if known is None:
            first: dict[str, Resolution] = {}
            for search in self._in_brief(path) if self._brief and not self.dyld else self.closures.searches(path):
                first.setdefault(search.needed, search)
            known = self._missing[path] = tuple(first.values())
        return known

    @cached_property
    def gone(self) -> Mapping[str, FsPath]:
        """Name → where a wheel brought an object of that name, which is no longer there."""
        return {leaf(path): path for dist in reversed(self.facts.main.dists) for path in reversed(dist.gone)}

    def _in_brief(self, path: FsPath) -> Iterator[Resolution]:
        """The searches that lead to nothing, without their working."""
        fate = self.fate(path)
        invalid = dict(fate.invalid)
        for needed, requester in fate.missing:
            yield Resolution(needed, requester, (), None, invalid.get(needed))

    def trace_program(self, program: Process) -> LinkMap:
        """The same for the start of one of the environment's programs."""
        if program.executable not in self._traces:
            self._traces[program.executable] = start(program, self.disk)
        return self._traces[program.executable]

    def faults(self, path: FsPath) -> tuple[VersionFault, ...]:
        """Version needs of `path` or of what it pulls in that stop the loader."""
        return tuple(fault for fault in self.fate(path).faults if not fault.weak)

    def unbound(self, path: FsPath) -> Unbound:
        """Symbols that an extension looks for in vain. Companions may get theirs from whoever opens them."""
        return self.closures.unbound(path) if path in self.extension_set else ()

    @property
    def lacking(self) -> dict[FsPath, Unbound]:
        """Every extension that looks for symbols in vain, with these."""
        return {path: unbound for path in self.extensions if (unbound := self.unbound(path))}

    def expect_lacking(self) -> bool:
        """Let another process begin to look symbols up; whether there is one."""
        self.refused  # noqa: B018 - its questions are about the whole graph
        return self.closures.expect_unbound(self.extensions)

    def suppose_lacking(self, lacking: Mapping[FsPath, Unbound] | None) -> None:
        """Take this for the answer, until None."""
        none = lacking is None
        self.closures.suppose({} if none else {path: (lacking or {}).get(path, ()) for path in self.extensions})

    def defining(self, symbol: str) -> tuple[FsPath, ...]:
        """Which objects of the environment define a symbol, whoever loads them."""
        dists = self.facts.main.dists
        return self.disk.defining(symbol, lambda: [p for dist in dists for p in (*dist.extensions, *dist.libraries)])

    # ── imports ──────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def imports(self) -> Imports:
        """The import graph, shared by every trial that leaves the Python as it is."""
        if self._imports is not None:
            return self._imports
        return Imports(self.facts.main, self.disk, self.lost)

    def winners_of_script(self, folder: FsPath) -> Winners:
        """The same for a script that is started in this folder."""
        from nixpydoctor.imports.winners import Winners

        return Winners(self.facts.main, self.disk, folder)

    @cached_property
    def lost(self) -> Mapping[str, FsPath]:
        """Compiled modules of shadowed distributions by name, where the folder in front would have them."""
        if not self.shadows:
            return {}
        from nixpydoctor.imports.winners import lost

        return lost(self.shadows, self.winners.finder)

    @cached_property
    def shadows(self) -> tuple[tuple[Dist, Winner], ...]:
        """Distributions that something else on the path hides, which is none of its own."""
        python = self.facts.main.python
        path = python.path if python is not None else ()
        if sum(1 for entry in path if "-packages" in entry.path or entry.provider == "project" or entry.by) < 2:
            return ()  # as in a plain venv: nobody can stand in front of its only entry
        from nixpydoctor.imports.winners import shadows

        return shadows(self.facts.main, self.winners)

    @cached_property
    def winners(self) -> Winners:
        """Which entry of sys.path each top-level name comes from."""
        from nixpydoctor.imports.winners import Winners  # most diagnoses need not ask

        return Winners(self.facts.main, self.disk)

    @cached_property
    def only_beside(self) -> Mapping[str, Dist]:
        """Top-level names that the shell's Python imports and the one inside of the host does not find."""
        beside = self.facts.beside
        if beside is None or beside.python is None:
            return {}
        here = {name for dist in self.facts.main.dists for name in dist.top_level}
        return {
            name: dist
            for dist in beside.dists
            if dist.key != PYTHON
            for name in dist.top_level
            if name not in here and not name.startswith("_")
        }

    @cached_property
    def reach(self) -> Reach:
        """Which top-level modules die of what: broken extensions and libraries opened from Python code."""
        if not self.starts or self.facts.main.python is None:
            return Reach({}, {}, (), ())
        broken = {path: why for path in self.unloadable if (why := self._broken(path)) is not None}
        for dist in self.facts.main.dists:
            for path in (*dist.foreign, *dist.vanished):
                broken[path] = Broken(frozenset())
        broken.update(dict.fromkeys(self.lost.values(), Broken(frozenset())))
        return self.imports.reach(broken, self.by_name.opens, self.by_name.finds)

    @cached_property
    def extension_set(self) -> frozenset[FsPath]:
        """The same, to look one up."""
        return frozenset(self.extensions)

    def _broken(self, path: FsPath) -> Broken | None:
        """None where the package itself may make it load: another object has what is missing."""
        fate = self.fate(path)
        if fate.loads:
            _, symbol = self.unbound(path)[0]
            return None if self.defining(symbol) else Broken(frozenset())
        beyond = fate.failure is not None or fate.invalid or self.faults(path)
        return Broken(frozenset() if beyond else frozenset(soname for soname, _ in fate.missing))

    def breaks(self, path: FsPath) -> tuple[str, ...]:
        """Top-level modules whose plain import fails of the object at `path`."""
        return tuple(sorted({*self.reach.breaks.get(path, ()), *self._opened(path)[0]}))

    def undecided(self, path: FsPath) -> tuple[str, ...]:
        """Top-level modules that may fail of it: the walk could not tell."""
        return tuple(sorted({*self.reach.undecided.get(path, ()), *self._opened(path)[1]}))

    def _opened(self, path: FsPath) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What fails because Python code opens this very file."""
        return self._openings.get(path, ((), ()))

    @cached_property
    def _openings(self) -> Mapping[FsPath, tuple[tuple[str, ...], tuple[str, ...]]]:
        opened: dict[FsPath, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        for site in self.reach.sites:
            for name in site.opening.names:
                if name.startswith("/"):
                    sure, unsure = opened.get(FsPath(name), ((), ()))
                    opened[FsPath(name)] = ((*sure, *site.breaks), (*unsure, *site.undecided))
        return opened

    @cached_property
    def by_name(self) -> ByName:
        """What Python code gets that opens libraries by name."""
        return ByName(self)

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────────────

    def owner(self, path: FsPath) -> Dist | None:
        """The distribution that `path` belongs to."""
        return self.owners.get(path)

    def title(self, path: FsPath) -> str:
        """`numpy 2.3.2` for an object of numpy, else the file's own name."""
        dist = self.owner(path)
        if dist is None:
            return leaf(path)
        return f"{dist.name} {dist.version}".strip()

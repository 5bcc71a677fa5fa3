"""Which entry of `sys.path` each top-level name comes from, and which entries it hides.

The script's folder, or the current one, is no part of a Python: it is given where the question is what a script
started there would get.
"""

from __future__ import annotations

from functools import cached_property

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Dist, FsPath, PathEntry, World, join, leaf
from nixpydoctor.imports.finder import Finder, Module
from nixpydoctor.light import dataclass

SCRIPT = "script"
"""What puts the script's folder in front of sys.path: not a variable, but the start itself."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A top-level name as one entry of the path offers it."""

    entry: PathEntry
    module: Module


@dataclass(frozen=True, slots=True)
class Winner:
    """What `import name` gets."""

    name: str
    module: Module
    entry: PathEntry | None
    """Where it comes from; None for what is compiled into the program."""
    shadowed: tuple[Offer, ...] = ()
    """What later entries offer under that name, in their order. Portions of one namespace package hide nothing."""


class Winners:
    """The top-level names of one Python; computed as they are asked for."""

    def __init__(self, world: World, disk: Disk, first: FsPath | None = None) -> None:
        path = world.python.path if world.python is not None else ()
        self._builtins = world.python.builtins | world.python.frozen if world.python is not None else frozenset()
        self._entries = (PathEntry(first, "project", SCRIPT), *path) if first is not None else path
        self.finder = Finder(world, disk, first, exact=True)

    @cached_property
    def offered(self) -> tuple[tuple[PathEntry, frozenset[str]], ...]:
        """Each entry with every name that it may offer; an entry that stands there twice counts once."""
        once = {entry.path: entry for entry in reversed(self._entries)}
        found = [(entry, self.finder.names(entry.path)) for entry in self._entries if once[entry.path] is entry]
        return tuple(found)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every top-level name that can be imported, and some that only look so: `winner` tells."""
        within = (name for name in self._builtins if "." not in name)
        found = frozenset[str]().union(*(names for _, names in self.offered), within)
        return found | self.finder.hooks.names if self.finder.hooks is not None else found

    @cached_property
    def before_library(self) -> frozenset[FsPath]:
        """The entries before the standard library's: PYTHONPATH's and the script's folder."""
        found: list[FsPath] = []
        for entry in self._entries:
            if entry.path in self.finder.stdlib or entry.path.endswith(".zip"):
                break
            found.append(entry.path)
        return frozenset(found)

    @cached_property
    def library(self) -> frozenset[str]:
        """Top-level names of the standard library that a file can stand in front of."""
        found = frozenset[str]().union(*(self.finder.names(place) for place in self.finder.stdlib))
        return found - self._builtins

    @property
    def loose(self) -> frozenset[FsPath]:
        """The entries that are not the standard library's."""
        return frozenset(entry.path for entry in self._entries if entry.path not in self.finder.stdlib)

    def winner(self, name: str) -> Winner | None:
        """Where `import name` comes from; None where it fails to find anything."""
        module = self.finder.find(name)
        if module is None:
            return None
        if name in self._builtins:
            return Winner(name, module, None)
        hooks = self.finder.hooks
        by = hooks.served(name, module.path, module.places) if hooks is not None else None
        offers = [
            Offer(entry, found)
            for entry, names in self.offered
            if name in names and (found := self.finder.offer(name, entry.path)) is not None
        ]
        if by is not None:
            return Winner(name, module, PathEntry(by, "hook"), tuple(offers))
        regular = [offer for offer in offers if offer.module.kind != "namespace"]
        if not regular:
            return Winner(name, module, offers[0].entry if offers else None)
        return Winner(name, module, regular[0].entry, tuple(offer for offer in offers if offer is not regular[0]))

    def contested(self, entries: frozenset[FsPath] | None = None) -> tuple[Winner, ...]:
        """Names that hide another offer of the same name, sorted; only those that these entries offer where given."""
        seen: set[str] = set()
        twice: set[str] = set()
        for entry, names in self.offered:
            if entries is None or entry.path in entries:
                twice |= seen & names
                seen |= names
        winners = (self.winner(name) for name in sorted(twice))
        return tuple(winner for winner in winners if winner is not None and winner.shadowed)


def shadows(world: World, winners: Winners) -> tuple[tuple[Dist, Winner], ...]:
    """Distributions one of whose top-level names comes from elsewhere on the path, with what comes instead.

    What another distribution of that name gives, or the standard library, is no shadow.
    """
    owners: dict[tuple[FsPath, str], Dist] = {}
    for dist in world.dists:
        for name in dist.top_level:
            owners.setdefault((dist.location, name), dist)
    found: list[tuple[Dist, Winner]] = []
    for winner in winners.contested(frozenset(location for location, _ in owners) | winners.loose):
        if winner.entry is None or winner.module.stdlib or (winner.entry.path, winner.name) in owners:
            continue
        for offer in winner.shadowed:
            owner = owners.get((offer.entry.path, winner.name))
            if owner is not None and owner.version and offer.module.path != winner.module.path:
                found.append((owner, winner))
                break
    return tuple(found)


def hidden_library(winners: Winners) -> tuple[Winner, ...]:
    """Names of the standard library that an entry before it takes."""
    before = [names for entry, names in winners.offered if entry.path in winners.before_library]
    names = sorted(frozenset[str]().union(*before) & winners.library) if before else []
    found = (winners.winner(name) for name in names)
    return tuple(
        winner
        for winner in found
        if winner is not None
        and winner.entry is not None
        and winner.entry.path in winners.before_library
        and any(offer.module.stdlib for offer in winner.shadowed)
    )


def lost(shadowed: tuple[tuple[Dist, Winner], ...], finder: Finder) -> dict[str, FsPath]:
    """Compiled modules that the folder in front of a distribution lacks: dotted name → where it would have them."""
    found: dict[str, FsPath] = {}
    for dist, winner in shadowed:
        for path in dist.extensions:
            below = path[len(dist.location) + 1 :]
            if winner.module.places and below.startswith(f"{winner.name}/"):
                parts = below.split("/")
                name = ".".join([*parts[:-1], leaf(below).partition(".")[0]])
                if finder.find(name) is None:
                    found[name] = join(winner.module.places[0], below.partition("/")[2])
    return found

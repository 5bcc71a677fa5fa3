"""Which entry of `sys.path` each top-level name comes from, and which entries it hides.

The script's folder, or the current one, is no part of a Python: it is given where the question is what a script
started there would get.
"""

from __future__ import annotations

from functools import cached_property

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, PathEntry, World
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

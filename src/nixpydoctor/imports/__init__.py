"""What a plain `import name` reaches: which top-level modules die of which object that cannot load.

Static: nothing of the target runs. Sources come from `Disk`; `formats.source` has reduced them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from nixpydoctor.disk import Disk
from nixpydoctor.edges import Opening
from nixpydoctor.facts import Dist, FsPath, Unread, World, join, parent
from nixpydoctor.imports.answers import Asked, Kept
from nixpydoctor.imports.finder import Finder, Module, finder
from nixpydoctor.imports.graph import Broken, Graph, Place
from nixpydoctor.imports.outcome import OTHER
from nixpydoctor.imports.sites import has_pth, lines
from nixpydoctor.imports.walk import Walk
from nixpydoctor.light import dataclass

__all__ = ["Broken", "Finder", "Imports", "Module", "Reach", "Site", "finder", "reach"]


FEW = 12
"""Top-level modules whose sources are read as soon by one process as by two."""


@dataclass(frozen=True, slots=True)
class Site:
    """A statement in Python code that opens a library, none of whose candidates opens here."""

    opening: Opening
    dist: Dist | None
    breaks: tuple[str, ...]
    """Top-level modules whose plain import fails of it."""
    undecided: tuple[str, ...]
    """Top-level modules that may fail of it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """For every cause, what dies of it."""

    breaks: Mapping[FsPath, tuple[str, ...]]
    undecided: Mapping[FsPath, tuple[str, ...]]
    sites: tuple[Site, ...]
    unread: tuple[Unread, ...]


class Imports:
    """The import graph of one Python and its distributions, shared by every state of the process."""

    def __init__(self, world: World, disk: Disk, lost: Mapping[str, FsPath] | None = None) -> None:
        """`lost`: compiled modules of shadowed distributions, where the folder in front would have them."""
        self._world = world
        self._lost = lost or {}
        self._graph = Graph(world, disk, self._lost)
        self._states: Kept[tuple[Mapping[FsPath, Broken], Reach]] = Kept()
        self._by_themselves: dict[str, Kept[bool]] = {}

    def reach(
        self,
        broken: Mapping[FsPath, Broken],
        opens: Callable[[str], bool],
        finds: Callable[[str], str | None],
    ) -> Reach:
        """Which plain imports fail where these objects are broken and these names open.

        First only distributions that may fail by themselves are walked, and those that require them. Where that finds
        nothing, nobody else can fail of it; where it does, everybody is walked, whatever the metadata say. A state that
        differs in nothing that an earlier walk has asked about has the answer of that walk.
        """
        kept = self._states.of(lambda value: value[0] == broken, opens, finds)
        if kept is None:
            asked = Asked(opens, finds)
            kept = self._states.keep((broken, self._walked(broken, asked.opens, asked.finds)), asked)
        return kept[1]

    def _walked(
        self,
        broken: Mapping[FsPath, Broken],
        opens: Callable[[str], bool],
        finds: Callable[[str], str | None],
    ) -> Reach:
        suspects = self._suspects(broken, opens, finds)
        walk = Walk(self._graph, broken, opens, finds, suspects)
        found = self._reach(walk, suspects, broken)
        if suspects is not None and (found.breaks or found.undecided or any(_matters(site) for site in found.sites)):
            walk.widen()
            found = self._reach(walk, None, broken)
        walk.end()
        return found

    def _suspects(
        self,
        broken: Mapping[FsPath, Broken],
        opens: Callable[[str], bool],
        finds: Callable[[str], str | None],
    ) -> frozenset[str] | None:
        """Top-level modules of the distributions to begin with; None for all."""
        dists = self._world.dists
        if self._lost:
            return None  # what stands in a distribution's place has no metadata of its own
        owners = {path: dist for path, dist in self._world.owners() if path in broken}
        if any(dist.key == "python" for dist in owners.values()):
            return None  # whoever imports that part of the standard library: no metadata tell
        chosen = {dist.key for dist in owners.values()}
        chosen |= {
            dist.key
            for dist in dists
            if dist.key not in chosen
            and dist.key != "python"
            and dist.opens
            and self._fails_by_itself(dist, opens, finds)
        }
        chosen |= {
            dist.key
            for dist in dists
            if dist.key != "python" and any(name in self._graph.known for name in dist.top_level)
        }
        if chosen:
            chosen |= {dist.key for dist in dists if not dist.version and dist.key != "python"}
        while more := {dist.key for dist in dists if dist.key not in chosen and not chosen.isdisjoint(dist.requires)}:
            chosen |= more
        found = frozenset(name for dist in dists if dist.key in chosen for name in dist.top_level)
        return found | self._served if chosen else found

    @cached_property
    def _served(self) -> frozenset[str]:
        """Top-level names of folders that .pth files add, and that no distribution described there has."""
        hooks, python, disk = self._graph.finder.hooks, self._world.python, self._graph.disk
        found = set(hooks.names) - {"distutils"} if hooks is not None else set()
        folders = [place for place in python.site_folders if has_pth(place, disk)] if python is not None else []
        owned = {(dist.location, name) for dist in self._world.dists if dist.version for name in dist.top_level}
        added = [line.adds for folder in folders for line in lines(folder, disk) if line.adds is not None]
        for folder in dict.fromkeys([*added, *self._inner]):
            for name in disk.names(folder) or ():
                if not name.isidentifier() or (folder, name) in owned:
                    continue
                inside = disk.names(join(folder, name))
                if inside is not None and "__init__.py" in inside:
                    found.add(name)
        return frozenset(found)

    @property
    def _inner(self) -> list[FsPath]:
        """Folders of sys.path inside of a site folder: code that a .pth file runs has added them."""
        places = [entry.path for entry in self._world.python.path] if self._world.python is not None else []
        outer = tuple([f"{place}/" for place in places if place.endswith("-packages")])
        return [place for place in places if place.startswith(outer)]

    def _fails_by_itself(self, dist: Dist, opens: Callable[[str], bool], finds: Callable[[str], str | None]) -> bool:
        """Whether one of its outermost modules opens, when it is imported, what does not open here."""
        known = self._by_themselves.setdefault(dist.key, Kept())
        kept = known.of(lambda value: True, opens, finds)
        if kept is None:
            asked = Asked(opens, finds)
            kept = known.keep(self._opens_in_vain(dist, asked.opens, asked.finds), asked)
        return kept

    def _opens_in_vain(self, dist: Dist, opens: Callable[[str], bool], finds: Callable[[str], str | None]) -> bool:
        """Of a distribution without cffi only outermost sources were found to open anything (`probes.openers`)."""
        tops = {name: self._graph.finder.find(name) for name in dist.top_level}
        outermost = frozenset(
            place for top in tops.values() if top is not None for place in top.places or (parent(top.path),)
        )
        within = None if "cffi" in dist.requires else outermost
        walk = Walk(self._graph, {}, opens, finds, frozenset(tops), within=within, afresh=True)
        for name, module in tops.items():
            inside = (
                [names for place in (module.places or ()) if (names := self._graph.disk.names(place))] if module else []
            )
            stems = {entry[:-3] for names in inside for entry in names if entry.endswith(".py")}
            for one in (name, *(f"{name}.{stem}" for stem in sorted(stems) if stem not in ("__init__", "__main__"))):
                outcome = walk.outcome(one)
                if (outcome.doubts | outcome.causes) & ~OTHER or walk.unread:
                    return True
        return bool(walk.openings.places)

    def _reach(self, walk: Walk, only: frozenset[str] | None, broken: Mapping[FsPath, Broken]) -> Reach:
        roots = [name for name in self._roots() if only is None or name in only]
        if len(roots) > FEW:
            from nixpydoctor.imports.expecting import expect  # not for the few that are broken in most environments

            expect(walk, reversed(roots))
        outcomes = {name: walk.outcome(name) for name in roots}
        sure = {name: outcome.causes for name, outcome in outcomes.items()}
        maybe = {name: outcome.doubts & ~sure[name] for name, outcome in outcomes.items()}
        paths = {bit: key for key, bit in walk.openings.bits.items() if isinstance(key, str)}
        return Reach(
            breaks={path: _names(sure, bit) for bit, path in paths.items() if path in broken and _names(sure, bit)},
            undecided={path: _names(maybe, bit) for bit, path in paths.items() if _names(maybe, bit)},
            sites=tuple(self._sites(walk, sure, maybe)),
            unread=tuple(walk.unread.values()),
        )

    def _roots(self) -> list[str]:
        """Top-level modules of every distribution but the standard library, and those that .pth files serve."""
        dists = (dist for dist in self._world.dists if dist.key != "python")
        return sorted({name for dist in dists for name in dist.top_level} | self._served)

    def _sites(self, walk: Walk, sure: Mapping[str, int], maybe: Mapping[str, int]) -> list[Site]:
        groups: dict[int, list[tuple[int, Place]]] = {}
        for bit, place in walk.openings.places.items():
            groups.setdefault(walk.openings.root(bit), []).append((bit, place))
        sites: list[Site] = []
        for group in groups.values():
            if any(place.opened for _, place in group):
                continue
            mask = 0
            for bit, _ in group:
                mask |= bit
            first = group[0][1]
            names = tuple(dict.fromkeys(name for _, place in group for name in place.names))
            opening = Opening(first.site, names, first.line or None, first.source)
            breaks, undecided = _names(sure, mask), _names(maybe, mask)
            if breaks or undecided or not all(place.asked for _, place in group):
                sites.append(Site(opening, self._owner(first.site), breaks, undecided))
        return sites

    def _owner(self, path: FsPath) -> Dist | None:
        """The distribution that a source file belongs to, by its top-level name."""
        for dist in self._world.dists:
            if path.startswith(f"{dist.location}/"):
                first = path[len(dist.location) + 1 :].partition("/")[0].partition(".")[0]
                if first in dist.top_level:
                    return dist
        return None


def _matters(site: Site) -> bool:
    return bool(site.breaks or site.undecided)


def _names(causes: Mapping[str, int], mask: int) -> tuple[str, ...]:
    return tuple(name for name, held in causes.items() if held & mask)


def reach(
    world: World,
    disk: Disk,
    broken: Mapping[FsPath, Broken],
    opens: Callable[[str], bool],
    finds: Callable[[str], str | None],
) -> Reach:
    """`Imports.reach` for one state only."""
    return Imports(world, disk).reach(broken, opens, finds)

"""What many openings in one process have in common, worked out once: the quick way to a fate.

The loader maps breadth first and takes whatever is mapped already under a name or as a file. Where, among all that one
opening draws in, each name stands for one file only, the order of mapping decides nothing: then the closure is what the
needed names reach, and each object's part of it can be kept. Where a name stands for two files (or for one and for
nothing) this module abstains, and `closures` goes the loader's own way step by step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.light import NamedTuple, dataclass
from nixpydoctor.loader.demands import Demand, Demands
from nixpydoctor.loader.meanings import Asking, Meanings
from nixpydoctor.loader.search import Mapped, Node, Rules
from nixpydoctor.loader.trace import VersionFault
from nixpydoctor.loader.versions import faults, files_wanted

ENOUGH = 4096
"""Nodes for which no file is counted: an environment of a thousand objects has half of them."""
PER_FILE = 16
"""Nodes for each file, beyond that. A dozen libraries that need each other and each name another folder in an RPATH
lead to one another in millions of ways.
"""


class Miss(NamedTuple):
    """A needed name that led to nothing."""

    needed: str
    requester: Node
    invalid: Unread | None
    name: str = ""
    """The needed name with its tokens replaced: what was searched for."""


@dataclass(slots=True, eq=False)
class Part:
    """What one object contributes to every closure that it is in."""

    bits: int
    """Itself, as a set."""
    demand: Demand
    misses: tuple[Miss, ...] = ()
    lacks: tuple[VersionFault, ...] = ()
    """Versions that it wants in vain."""
    odd: bool = False
    """True where order may matter after all."""


class Closure(NamedTuple):
    """Everything that opening one object maps."""

    nodes: tuple[Node, ...]
    misses: tuple[Miss, ...]
    lacks: tuple[VersionFault, ...]


class Shared:
    """The parts of all objects that were opened in one process.

    Sets of objects are integers, one bit for each: a closure is the union of a few others, and most questions about it
    are one operation.
    """

    def __init__(self, rules: Rules, base: Mapped) -> None:
        self._base = base
        self._demands = Demands(rules, base)
        self._meanings = Meanings()
        self._parts: dict[Node, Part] = {}
        self._nodes: list[Node] = []
        self._files: set[object] = set()
        self._sets: dict[Node, int] = {}
        self._loads: dict[Node, bool] = {}
        self._troubled = 0
        self._contested = 0
        """Objects for which a name means another file than for whoever named it first."""

    def loads(self, root: Node) -> bool:
        """True where opening `root` is known to succeed; False where that is to be worked out."""
        known = self._loads.get(root)
        if known is None:
            closure = self._set(root)
            known = self._loads[root] = not closure & self._troubled and self._agrees(closure)
        return known

    def members(self, root: Node) -> int:
        """The closure of `root` as a set."""
        return self._set(root)

    def told(self, members: int) -> Iterator[tuple[int, Node]]:
        """The objects of a set, each with its bit."""
        while members:
            bit = members & -members
            yield bit, self._nodes[bit.bit_length() - 1]
            members ^= bit

    def drawn_by(self, roots: Iterable[Node]) -> tuple[list[Node], list[int], list[tuple[int, ...]]]:
        """All objects; the places of those that these map; and for each object the places of what it needs.

        Of roots that load alone: there the order of mapping decides nothing.
        """
        members = 0
        for root in roots:
            if self.loads(root):
                members |= self._set(root)
        asked = [place for place, bit in enumerate(f"{members:b}"[::-1]) if bit == "1"]
        places = {node: place for place, node in enumerate(self._nodes)}
        demands = [self._parts[node].demand for node in self._nodes]
        each = {id(demand): demand for demand in demands}  # many objects share one
        lead = {key: tuple([places[kid] for kid in demand.kids if kid in places]) for key, demand in each.items()}
        return self._nodes, asked, [lead[id(demand)] for demand in demands]

    def drawn(self, roots: Iterable[Node]) -> list[FsPath]:
        """The paths of everything that opening any of these maps."""
        union = 0
        for root in roots:
            union |= self._set(root)
        return [node.obj.path for place, node in enumerate(self._nodes) if union >> place & 1]

    def closure(self, root: Node) -> Closure | None:
        """What `root` draws in, in load order; None where the order has to be worked out."""
        if not self._agrees(self._set(root)):
            return None
        nodes, files = [root], {root.file}
        misses: list[Miss] = []
        lacks: list[VersionFault] = []
        for node in nodes:  # grows while it is walked
            part = self._part(node)
            if part.odd:
                return None
            misses += part.misses
            lacks += part.lacks
            for kid in part.demand.kids:
                if kid.file not in files:
                    files.add(kid.file)
                    nodes.append(kid)
        return Closure(tuple(nodes), tuple(misses), tuple(lacks))

    def _set(self, root: Node) -> int:
        """The closure of `root` as a set."""
        known = self._sets.get(root)
        if known is None:
            part = self._part(root)
            known = self._sets[root] = part.bits | self._below(part.demand)
        return known

    def _below(self, demand: Demand) -> int:
        """Everything that the needed names map."""
        below = demand.below
        if below is None:
            below = 0
            for kid in demand.kids:
                known = self._sets.get(kid)
                if known is None:
                    known = self._sets[kid] = self._collected(kid)
                below |= known
            demand.below = below
        return below

    def _collected(self, root: Node) -> int:
        """The same for one that may need, some way down, whoever needs it."""
        found, ahead = 0, [root]
        while ahead:
            node = ahead.pop()
            known = self._sets.get(node)
            if known is not None:
                found |= known
                continue
            part = self._part(node)
            if not found & part.bits:
                found |= part.bits
                below = part.demand.below
                if below is None:
                    ahead += part.demand.kids
                else:
                    found |= below
        return found

    def _agrees(self, closure: int) -> bool:
        """Whether each name means one file only among these objects."""
        return not closure & self._contested or self._meanings.agree(closure)

    def _part(self, node: Node) -> Part:
        part = self._parts.get(node)
        if part is None:
            part = self._parts[node] = self._made(node)
            self._nodes.append(node)
        return part

    def _made(self, node: Node) -> Part:
        self._files.add(node.file)
        if len(self._parts) > ENOUGH + PER_FILE * len(self._files):
            return self._abstained()
        demand = self._demands.known(node)
        if demand is None:
            demand = self._demands.lead(node)
            demand.contested = self._meanings.learn(demand.names, demand.asking)
        bit = 1 << len(self._parts)
        demand.asking.join(bit)
        part = Part(bit, demand)
        name = node.known_as
        contested = demand.contested
        if name is not None and name not in self._base.names:
            contested = self._meanings.learn({name: node}, Asking(bit)) or contested
        if contested:
            self._contested |= bit
        node.checked = None
        if demand.lost or name in demand.names or node.unfit is not None or not self._demands.supply(node, demand):
            self._look_closer(part, node)
        return part

    def _abstained(self) -> Part:
        """A part that leads nowhere: what draws it in is opened step by step, which maps each file once."""
        part = Part(1 << len(self._parts), Demand((), {}, ()), odd=True)
        self._troubled |= part.bits
        return part

    def _look_closer(self, part: Part, node: Node) -> None:
        """Tell what is wrong with an object, or may be."""
        names, sonames = part.demand.names, files_wanted(node)
        providers = {**{soname: self._base.names.get(soname) for soname in sonames}, **names}
        strange = any(providers[soname] is None and soname not in names for soname in sonames)
        part.odd = strange or node.unfit is not None or node.known_as in names
        part.lacks = faults(node, providers)
        part.misses = tuple([Miss(node.obj.needed[at], node, why, node.needs[at]) for at, why in part.demand.lost])
        if part.odd or part.misses or any(not fault.weak for fault in part.lacks):
            self._troubled |= part.bits

"""What many openings in one process have in common, worked out once: the quick way to a fate.

The loader maps breadth first and takes whatever is mapped already under a name or as a file. Where, among all that one
opening draws in, each name stands for one file only, the order of mapping decides nothing: then the closure is what the
needed names reach, and each object's part of it can be kept. Where a name stands for two files (or for one and for
nothing) this module abstains, and `closures` goes the loader's own way step by step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.light import dataclass
from nixpydoctor.loader.search import Mapped, Node, Rules, answered
from nixpydoctor.loader.trace import VersionFault
from nixpydoctor.loader.versions import faults


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

    bit: int
    kids: tuple[Node, ...]
    """What its needed names lead to, in their order."""
    misses: tuple[Miss, ...]
    lacks: tuple[VersionFault, ...]
    """Versions that it wants in vain."""
    names: tuple[tuple[str, Node | None], ...]
    """What the names that it asks for or is known by stand for, where the started process does not answer to them."""
    odd: bool
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
        self._rules = rules
        self._base = base
        self._parts: dict[Node, Part] = {}
        self._nodes: list[Node] = []
        self._sets: dict[Node, int] = {}
        self._troubled = 0
        self._meanings: dict[str, dict[object, int]] = {}
        self._ambiguous: set[str] = set()
        self._contested = 0
        """Objects for which a name means another file than for whoever named it first."""

    def loads(self, root: Node) -> bool:
        """True where opening `root` is known to succeed; False where that is to be worked out."""
        closure = self._set(root)
        return not closure & self._troubled and self._agrees(closure)

    def members(self, root: Node) -> int:
        """The closure of `root` as a set."""
        return self._set(root)

    def told(self, members: int) -> Iterator[tuple[int, Node]]:
        """The objects of a set, each with its bit."""
        while members:
            bit = members & -members
            yield bit, self._nodes[bit.bit_length() - 1]
            members ^= bit

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
            for kid in part.kids:
                if kid.file not in files:
                    files.add(kid.file)
                    nodes.append(kid)
        return Closure(tuple(nodes), tuple(misses), tuple(lacks))

    def _set(self, root: Node) -> int:
        """The closure of `root` as a set."""
        known = self._sets.get(root)
        if known is None:
            part = self._part(root)
            known = part.bit
            for kid in part.kids:
                if kid not in self._sets:
                    self._sets[kid] = self._collected(kid)
                known |= self._sets[kid]
            self._sets[root] = known
        return known

    def _collected(self, root: Node) -> int:
        found, ahead = 0, [root]
        while ahead:
            node = ahead.pop()
            known = self._sets.get(node)
            if known is not None:
                found |= known
                continue
            part = self._part(node)
            if not found & part.bit:
                found |= part.bit
                ahead += part.kids
        return found

    def _agrees(self, closure: int) -> bool:
        """Whether each name means one file only among these objects."""
        return not closure & self._contested or all(
            sum(1 for asking in self._meanings[name].values() if asking & closure) < 2 for name in self._ambiguous
        )

    def _part(self, node: Node) -> Part:
        part = self._parts.get(node)
        if part is None:
            part = self._parts[node] = self._made(node)
            self._nodes.append(node)
            if part.odd or part.misses or any(not fault.weak for fault in part.lacks):
                self._troubled |= part.bit
            self._learn(part)
        return part

    def _made(self, node: Node) -> Part:
        mapped, files = self._base.names, self._base.files
        kids: list[Node] = []
        misses: list[Miss] = []
        names: dict[str, Node | None] = {}
        providers: dict[str, Node | None] = {}
        for name, written in zip(node.needs, node.obj.needed, strict=True):
            known = mapped.get(name)
            if known is not None:
                providers[name] = known
                continue
            answer = node.answers.get(name) or answered(self._rules, node, name)
            found = answer.node
            if found is None:
                misses.append(Miss(written, node, answer.invalid, name))
            elif (known := files.get(found.file)) is not None:
                found = known  # a file of the started process under one more name: only the name is learnt
            else:
                kids.append(found)
            providers[name] = names[name] = found
        needs_itself = node.known_as in names
        if node.known_as is not None and node.known_as not in mapped:
            names[node.known_as] = node
        strange = needs_itself
        for name in node.wants:
            if name not in providers:
                providers[name] = mapped.get(name)
                strange = strange or providers[name] is None
        return Part(
            bit=1 << len(self._parts),
            kids=tuple(kids),
            misses=tuple(misses),
            lacks=faults(node, providers),
            names=tuple(names.items()),
            odd=strange or node.unfit is not None,
        )

    def _learn(self, part: Part) -> None:
        for name, node in part.names:
            file = node.file if node is not None else None
            meanings = self._meanings.get(name)
            if meanings is None:
                self._meanings[name] = {file: part.bit}
                continue
            meanings[file] = meanings.get(file, 0) | part.bit
            if len(meanings) > 1:
                self._ambiguous.add(name)
                if file != next(iter(meanings)):
                    self._contested |= part.bit

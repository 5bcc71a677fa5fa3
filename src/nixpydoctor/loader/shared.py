"""What many openings in one process have in common, worked out once: the quick way to a fate.

The loader maps breadth first and takes whatever is mapped already under a name or as a file. Where, among all that one
opening draws in, each name stands for one file only, the order of mapping decides nothing: then the closure is what the
needed names reach, and each object's part of it can be kept. Where a name stands for two files (or for one and for
nothing) this module abstains, and `closures` goes the loader's own way step by step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.loader.search import Mapped, Node, Rules
from nixpydoctor.loader.trace import VersionFault
from nixpydoctor.loader.versions import faults


class Miss(NamedTuple):
    """A needed name that led to nothing."""

    needed: str
    requester: FsPath
    invalid: Unread | None


@dataclass(slots=True, eq=False)
class Part:
    """What one object contributes to every closure that it is in."""

    kids: tuple[Node, ...]
    """What its needed names lead to, in their order."""
    misses: tuple[Miss, ...]
    names: tuple[tuple[str, Node | None], ...]
    """What the names that it asks for or is known by stand for, where the started process does not answer to them."""
    odd: bool
    """True where order may matter after all."""
    lacks: tuple[VersionFault, ...] | None = None
    """Versions that it wants in vain; None until somebody asks."""


class Closure(NamedTuple):
    """Everything that opening one object maps."""

    nodes: tuple[Node, ...]
    misses: tuple[Miss, ...]
    lacks: tuple[VersionFault, ...]


class Shared:
    """The parts of all objects that were opened in one process."""

    def __init__(self, rules: Rules, base: Mapped) -> None:
        self._rules = rules
        self._base = base
        self._parts: dict[Node, Part] = {}
        self._stands_for: dict[str, object] = {}
        self._providers: dict[str, Node] = dict(base.names)
        self._ambiguous: set[str] = set()

    def closure(self, root: Node) -> Closure | None:
        """What `root` draws in, in load order; None where the order has to be worked out."""
        nodes, files = [root], {root.file}
        parts: list[Part] = []
        for node in nodes:  # grows while it is walked
            part = self._parts.get(node)
            if part is None:
                part = self._parts[node] = self._part(node)
            if part.odd:
                return None
            parts.append(part)
            for kid in part.kids:
                if kid.file not in files:
                    files.add(kid.file)
                    nodes.append(kid)
        local = self._local(parts)
        if local is None:
            return None
        lacks: list[VersionFault] = []
        misses: list[Miss] = []
        for node, part in zip(nodes, parts, strict=True):
            if local and any(name in local for name in node.wants):
                lacks += faults(node, {**self._providers, **local})
            else:
                if part.lacks is None:
                    part.lacks = faults(node, self._providers)
                lacks += part.lacks
            misses += part.misses
        return Closure(tuple(nodes), tuple(misses), tuple(lacks))

    def _local(self, parts: list[Part]) -> dict[str, Node | None] | None:
        """What names that mean different files elsewhere mean in this closure; None where it disagrees with itself."""
        if not self._ambiguous:
            return {}
        local: dict[str, Node | None] = {}
        for part in parts:
            for name, node in part.names:
                if name in self._ambiguous and _file(local.setdefault(name, node)) != _file(node):
                    return None
        return local

    def _part(self, node: Node) -> Part:
        base = self._base
        kids: list[Node] = []
        misses: list[Miss] = []
        names: list[tuple[str, Node | None]] = []
        for name, written in zip(node.needs, node.obj.needed, strict=True):
            if name in base.names:
                continue
            answer = node.answers.get(name)
            if answer is None:
                answer = node.answers[name] = self._rules.find(name, node, None)
            if answer.node is None:
                misses.append(Miss(written, node.obj.path, answer.invalid))
                names.append((name, None))
            elif answer.node.file in base.files:  # a file of the started process, under one more name
                names.append((name, base.files[answer.node.file]))
            else:
                kids.append(answer.node)
                names.append((name, answer.node))
        if node.known_as is not None and node.known_as not in base.names:
            names.append((node.known_as, node))
        for name, stands_for in names:
            self._learn(name, stands_for)
        strange = any(name not in node.needs and name not in base.names for name in node.wants)
        return Part(tuple(kids), tuple(misses), tuple(names), strange or node.unfit is not None)

    def _learn(self, name: str, node: Node | None) -> None:
        if self._stands_for.setdefault(name, _file(node)) != _file(node):
            self._ambiguous.add(name)
        elif node is not None:
            self._providers.setdefault(name, node)


def _file(node: Node | None) -> object:
    return node.file if node is not None else None

"""Tells which symbols an opening looks for in vain, where everything is bound at once: RTLD_NOW, as Python opens.

Follows `_dl_lookup_symbol_x` in glibc's elf/dl-lookup.c: the scope is what the process started with, then the closure
of what is opened. What was opened before is no part of it (RTLD_LOCAL). A symbol that wants a version is not looked
for: who has the version has the symbol, and versions are checked in `versions`. Of a symbolic object nothing is known,
so nothing is said about whoever draws it in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, FsPath
from nixpydoctor.loader.search import Node
from nixpydoctor.loader.shared import Shared
from nixpydoctor.reader import Symbols, Unbound


class Binding:
    """The symbols of one started process, and of what is opened in it."""

    def __init__(self, disk: Disk, image: Sequence[Elf], shared: Shared | None, *, every: bool) -> None:
        self._disk = disk
        self._base = tuple([obj.path for obj in image])
        self._known = bool(image) and all(obj.verdef is not None for obj in image)
        self._shared = shared
        self._every = every
        """Where a loader knows no versions, each name is looked for."""
        self._elsewhere: Callable[[], frozenset[FsPath]] = frozenset
        """Who is settled as another process says."""
        self._seen = 0
        self._open = 0
        """Objects that need more than the process started with and what they draw in themselves."""

    def at_start(self, *, lazy: bool) -> Unbound:
        """What the process itself lacks; `lazy` where calls are bound when they are made."""

        def work(symbols: Symbols) -> Unbound:
            return _all(self._base[::-1], lambda path: symbols.lacking(path, self._base, (), self._every, lazy))

        return self._disk.unbound(self._base[0], work) if self._known else ()

    def expect(self, roots: Iterable[Node]) -> bool:
        """Let another process begin with what opening these needs; whether there is one."""
        if not self._known or self._every or self._shared is None:
            return False
        nodes, places, needs = self._shared.drawn_by(roots)
        if any(node.obj.verdef is None for node in nodes):
            return False
        asked = [place for place in places if not self._checks(nodes[place])]
        elsewhere = self._disk.settled_elsewhere(self._base, [node.obj.path for node in nodes], needs, asked)
        self._elsewhere = cache(elsewhere) if elsewhere is not None else frozenset
        return elsewhere is not None

    def lacks(self, root: Node, nodes: Callable[[], Sequence[Node]]) -> Unbound:
        """What opening `root` lacks; `nodes`: everything that this maps, in load order."""
        if not self._known:
            return ()
        return self._disk.unbound(root.obj.path, lambda symbols: self._lacks(root, nodes, symbols))

    def _lacks(self, root: Node, nodes: Callable[[], Sequence[Node]], symbols: Symbols) -> Unbound:
        if self._shared is not None and self._shared.loads(root):
            members = self._shared.members(root)
            for bit, node in self._shared.told(members & ~self._seen):
                if not self._settled(node, symbols):
                    self._open |= bit
            self._seen |= members
            if not members & self._open:
                return ()
        mapped = nodes()
        if any(node.obj.verdef is None for node in mapped):
            return ()
        paths = tuple([node.obj.path for node in mapped])
        by_path = {node.obj.path: node for node in mapped}
        return _all(
            paths[::-1], lambda path: symbols.lacking(path, self._base, paths, self._checks(by_path[path]), False)
        )

    def _settled(self, node: Node, symbols: Symbols) -> bool:
        """Whether the object finds everything in the process as it started and in its own closure."""
        if node.obj.path in self._elsewhere():
            return True
        every = self._checks(node)
        if symbols.settled(node.obj.path, self._base, (), every):
            return True
        closure = self._shared.closure(node) if self._shared is not None else None
        if closure is None:
            return False
        if any(one.obj.verdef is None for one in closure.nodes):
            return True
        return symbols.settled(node.obj.path, self._base, tuple([one.obj.path for one in closure.nodes]), every)

    def _checks(self, node: Node) -> bool:
        """Whether versions say nothing about this object's symbols: a provider that has none is taken all the same."""
        providers = node.checked[0] if node.checked is not None else ()
        return self._every or any(provider is not None and provider.obj.verdef == () for provider in providers)


def _all(paths: Sequence[FsPath], asked: Callable[[FsPath], tuple[str, ...]]) -> Unbound:
    """(object, symbol), in the order in which the loader binds: what was mapped last comes first."""
    return tuple([(path, symbol) for path in paths for symbol in asked(path)])

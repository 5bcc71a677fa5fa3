"""Which file each name means to whom: where a name means two, the order of mapping decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from nixpydoctor.loader.search import Node


class Asking(Protocol):
    """Who means something by a name."""

    bits: int
    """The objects that do, as a set (`shared`)."""


class Meanings:
    """What the names mean that the objects of one process ask for or are known by."""

    def __init__(self) -> None:
        self._meanings: dict[str, dict[object, list[Asking]]] = {}
        """Name → file, or None for none → who means that by it. Whoever came first is the first."""
        self._ambiguous: set[str] = set()

    def learn(self, names: Mapping[str, Node | None], asking: Asking) -> bool:
        """What `asking` means by its names; true where one means another file than to whoever came first."""
        contested = False
        for name, node in names.items():
            file = node.file if node is not None else None
            meanings = self._meanings.get(name)
            if meanings is None:
                self._meanings[name] = {file: [asking]}
                continue
            if file in meanings:
                meanings[file].append(asking)
            else:
                meanings[file] = [asking]
                self._ambiguous.add(name)
            contested = contested or (len(meanings) > 1 and file != next(iter(meanings)))
        return contested

    def agree(self, members: int) -> bool:
        """Whether each name means one file only among the objects of a set."""
        return all(self._is_one(name, members) for name in self._ambiguous)

    def _is_one(self, name: str, members: int) -> bool:
        first, *others = self._meanings[name].values()
        meant = [asking for asking in others if _any(asking, members)]
        return not meant or (len(meant) == 1 and not _any(first, members))


def _any(asking: list[Asking], members: int) -> bool:
    return any(one.bits & members for one in asking)

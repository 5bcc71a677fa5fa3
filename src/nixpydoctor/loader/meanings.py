"""Which file each name means to whom: where a name means two, the order of mapping decides."""

from __future__ import annotations

from collections.abc import Mapping

from nixpydoctor.light import dataclass, field
from nixpydoctor.loader.search import Node


@dataclass(slots=True, eq=False)
class Meaning:
    """One file that a name means, or none."""

    asking: list[Asking] = field(default_factory=list)
    bits: int = 0
    """The objects to which it means that, as a set (`shared`); kept once the name means something else to others."""


@dataclass(slots=True, eq=False)
class Asking:
    """Who means something by names: an object, or many that need the same."""

    bits: int = 0
    """The objects that do, as a set."""
    ambiguous: list[Meaning] = field(default_factory=list)
    """What they mean by names that mean something else to others."""

    def join(self, bit: int) -> None:
        """One more object does."""
        self.bits |= bit
        for meaning in self.ambiguous:
            meaning.bits |= bit


class Meanings:
    """What the names mean that the objects of one process ask for or are known by."""

    def __init__(self) -> None:
        self._meanings: dict[str, dict[object, Meaning]] = {}
        """Name → file, or None for none → who means that by it. Whoever came first is the first."""
        self._ambiguous: set[str] = set()

    def learn(self, names: Mapping[str, Node | None], asking: Asking) -> bool:
        """What `asking` means by its names; true where one means another file than to whoever came first."""
        contested = False
        for name, node in names.items():
            file = node.file if node is not None else None
            meanings = self._meanings.get(name)
            if meanings is None:
                self._meanings[name] = {file: Meaning([asking])}
                continue
            meaning = meanings.get(file)
            if meaning is None:
                meaning = meanings[file] = Meaning()
                if name not in self._ambiguous:
                    self._ambiguous.add(name)
                    for other in meanings.values():
                        for one in other.asking:
                            _follow(one, other)
            meaning.asking.append(asking)
            if name in self._ambiguous:
                _follow(asking, meaning)
                contested = contested or file != next(iter(meanings))
        return contested

    def agree(self, members: int) -> bool:
        """Whether each name means one file only among the objects of a set."""
        return all(
            sum(1 for meaning in self._meanings[name].values() if meaning.bits & members) <= 1
            for name in self._ambiguous
        )


def _follow(asking: Asking, meaning: Meaning) -> None:
    """From now on it is known at once who means this."""
    meaning.bits |= asking.bits
    asking.ambiguous.append(meaning)

"""Which file each name means to whom: where a name means two, the order of mapping decides."""

from __future__ import annotations

from collections.abc import Mapping

from nixpydoctor.light import dataclass, field
from nixpydoctor.loader.search import Node


@dataclass(slots=True, eq=False)
class Group:
    """Some objects, as a set (`shared`)."""

    bits: int = 0


@dataclass(slots=True, eq=False)
class Asking:
    """Who means something by names: an object, or many that need the same."""

    bits: int = 0
    """The objects that do, as a set."""
    groups: list[Group] = field(default_factory=list)
    """Groups that they are in: those who mean the same by a name that means something else to others."""

    def join(self, bit: int) -> None:
        """One more object does."""
        self.bits |= bit
        for group in self.groups:
            group.bits |= bit

    def enter(self, group: Group) -> None:
        """Be in a group, from now on."""
        group.bits |= self.bits
        self.groups.append(group)


@dataclass(slots=True, eq=False)
class Name:
    """What one name means to whom."""

    meanings: dict[object, list[Asking]]
    """File, or None for none → who means that. Whoever came first is the first."""
    groups: dict[object, Group] = field(default_factory=dict)
    """The same as groups, once there are several."""
    others: Group = field(default_factory=Group)
    """Everybody who means something else than whoever came first."""

    def add(self, file: object, asking: Asking) -> bool:
        """Take `asking` in; whether it means something else than whoever came first."""
        known = self.meanings.setdefault(file, [])
        known.append(asking)
        if len(self.meanings) == 1:
            return False
        if not self.groups:
            for one in self.meanings:
                for other in self.meanings[one]:
                    self._sort(one, other)
        else:
            self._sort(file, asking)
        return file != next(iter(self.meanings))

    def _sort(self, file: object, asking: Asking) -> None:
        asking.enter(self.groups.setdefault(file, Group()))
        if file != next(iter(self.meanings)):
            asking.enter(self.others)

    def agreed(self, members: int) -> bool:
        """Whether it means one file only among the objects of a set."""
        if not self.others.bits & members:
            return True
        return sum(1 for group in self.groups.values() if group.bits & members) == 1


class Meanings:
    """What the names mean that the objects of one process ask for or are known by."""

    def __init__(self) -> None:
        self._names: dict[str, Name] = {}
        self._ambiguous: dict[str, Name] = {}

    def learn(self, names: Mapping[str, Node | None], asking: Asking) -> bool:
        """What `asking` means by its names; true where one means another file than to whoever came first."""
        contested = False
        for name, node in names.items():
            file = node.file if node is not None else None
            known = self._names.get(name)
            if known is None:
                self._names[name] = Name({file: [asking]})
            elif known.add(file, asking):
                self._ambiguous[name] = known
                contested = True
        return contested

    def agree(self, members: int) -> bool:
        """Whether each name means one file only among the objects of a set."""
        return all(name.agreed(members) for name in self._ambiguous.values())

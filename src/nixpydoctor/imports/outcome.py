"""What comes of executing something: which exceptions it raises, and of which causes.

Causes are bits of an int. Bit 0 stands for every failure that has nothing to do with loading: a requirement that is not
installed, a `raise` that no cause led to.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from functools import cache
from typing import Literal

OTHER = 1
"""Bit 0."""

Kinds = dict[str, int]
"""Exception class → the causes for which it is raised."""

IMPORT, MODULE, OS = "ImportError", "ModuleNotFoundError", "OSError"


class Outcome:
    """Exceptions raised for certain, and those that may be."""

    __slots__ = ("maybe", "sure")

    def __init__(self, sure: Kinds | None = None, maybe: Kinds | None = None) -> None:
        self.sure: Kinds = sure if sure is not None else {}
        self.maybe: Kinds = maybe if maybe is not None else {}

    def add(self, other: Outcome, blame: int = 0) -> None:
        """What `other` raises is raised here as well, and in its wake what `blame` stands for."""
        for kind, causes in other.sure.items():
            self.sure[kind] = self.sure.get(kind, 0) | causes | blame
        for kind, causes in other.maybe.items():
            self.maybe[kind] = self.maybe.get(kind, 0) | causes | blame

    def doubt(self, other: Outcome) -> None:
        """What `other` raises may be raised here."""
        for kinds in (other.sure, other.maybe):
            for kind, causes in kinds.items():
                self.maybe[kind] = self.maybe.get(kind, 0) | causes

    def fail(self, kind: str, causes: int) -> None:
        """One exception for certain."""
        self.sure[kind] = self.sure.get(kind, 0) | causes

    def doubted_but(self, own: int) -> Outcome:
        """The same, of which only what these causes raise is certain."""
        known = Outcome()
        for kind, causes in self.sure.items():
            if causes & own:
                known.fail(kind, causes & own)
        known.doubt(Outcome({kind: causes & ~own for kind, causes in self.sure.items() if causes & ~own}))
        known.doubt(Outcome(self.maybe))
        return known

    @property
    def causes(self) -> int:
        """Every cause of what is certain."""
        return union(self.sure)

    @property
    def doubts(self) -> int:
        """Every cause of what is not."""
        return union(self.maybe)


NOTHING = Outcome()
"""No exception, and none that may be."""


def union(kinds: Mapping[str, int]) -> int:
    """All causes together."""
    causes = 0
    for mask in kinds.values():
        causes |= mask
    return causes


@cache
def caught(kind: str, handlers: tuple[str, ...]) -> Literal["yes", "no", "perhaps"]:
    """Whether an `except` clause that names these classes catches that one. None named: every one."""
    if not handlers:
        return "yes"
    above = _above(kind)
    if any(name in above for name in handlers):
        return "yes"
    return "perhaps" if any(_class(name) is None for name in handlers) else "no"


def _class(name: str) -> type | None:
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def _above(kind: str) -> frozenset[str]:
    """A class's own name and those of its bases, old spellings included; of an unknown one, as if from Exception.

    A class that the source defines spells its bases out: `Absent:ImportError`.
    """
    own, _, base = kind.partition(":")
    if base:
        return _above(base) | {own}
    known = _class(kind)
    if known is None:
        return frozenset({kind, "Exception", "BaseException"})
    names = {base.__name__ for base in known.__mro__}
    return frozenset(names | ({"IOError", "EnvironmentError", "error"} if "OSError" in names else set()))

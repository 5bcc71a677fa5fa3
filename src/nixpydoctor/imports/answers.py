"""Keeps what was worked out from a process's answers, for every later process that answers the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Worked = TypeVar("Worked")


class Asked:
    """What a process says about libraries that are opened and looked for, each answer written down."""

    def __init__(self, opens: Callable[[str], bool], finds: Callable[[str], str | None]) -> None:
        self._opens = opens
        self._finds = finds
        self._answers: dict[tuple[str, str], bool | str | None] = {}
        """In the order of the questions."""

    def opens(self, name: str) -> bool:
        """Whether `dlopen(name)` succeeds."""
        answer = self._answers["opens", name] = self._opens(name)
        return answer

    def finds(self, name: str) -> str | None:
        """What `find_library(name)` returns."""
        answer = self._answers["finds", name] = self._finds(name)
        return answer

    def same(self, opens: Callable[[str], bool], finds: Callable[[str], str | None]) -> bool:
        """Whether another process says the same to each. It is asked nothing that it would not be asked anyway.

        As long as the answers are the same the next question is, so the first other answer ends it.
        """
        return all(
            (opens(name) if how == "opens" else finds(name)) == answer for (how, name), answer in self._answers.items()
        )


class Kept(Generic[Worked]):
    """Values, each with the answers that it follows from."""

    def __init__(self) -> None:
        self._kept: list[tuple[Worked, Asked]] = []

    def of(
        self,
        fits: Callable[[Worked], bool],
        opens: Callable[[str], bool],
        finds: Callable[[str], str | None],
    ) -> Worked | None:
        """A value that fits and whose answers this process would give as well; None where none was kept."""
        for value, asked in self._kept:
            if fits(value) and asked.same(opens, finds):
                return value
        return None

    def keep(self, value: Worked, asked: Asked) -> Worked:
        """Keep a value that was worked out from these answers."""
        self._kept.append((value, asked))
        return value

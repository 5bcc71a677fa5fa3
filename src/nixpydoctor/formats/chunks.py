"""Cuts a Python source into its top-level statements without parsing it.

A statement begins at a line that starts in the first column, outside of triple-quoted strings (Python language
reference 2.1). A cut in the wrong place shows as a syntax error when the statement is parsed, and the caller then takes
the whole file. Every step is chosen for speed: this runs over thousands of files.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from nixpydoctor.formats.strings import Spans, within

_START = re.compile(rb"\n(?<!\\\n)(?=[^\s#)\]}])")
_GLUED = (b"else", b"elif", b"except", b"finally")
_HEAD = re.compile(rb"(?:async[ \t]+)?def\b|class\b")
_NAME = re.compile(rb"\b(?:def|class)[ \t]+(\w+)")
_LARGE = 4096
"""Bytes of a statement above which it is a table of data, not of names to try."""


class Chunks:
    """A source's top-level statements. `data` has plain newlines; `spans` are its triple-quoted strings."""

    def __init__(self, data: bytes, spans: Spans) -> None:
        self.data = data
        self.spans = spans
        self.bounds: list[int] = []
        """Where each begins, and at last where the source ends."""
        self.functions: list[int] = []
        """Places of functions, in order, and of the others below."""
        self.classes: list[int] = []
        self.plain: list[int] = []
        """Statements that are no definitions."""
        self._counted = 0, 0
        """An offset, and the lines before it."""
        starts = [found.end() for found in _START.finditer(data)]
        if spans:
            starts = [start for start in starts if not within(spans, start)]
        self._sort([0, *starts])
        self.bounds.append(len(data))

    def _sort(self, starts: Iterable[int]) -> None:
        """Glue what belongs together and tell definitions from the rest."""
        data, bounds = self.data, self.bounds
        decorated = False
        for start in starts:
            first = data[start] if data else 0
            if first in b"ef" and data.startswith(_GLUED, start):
                continue
            if not decorated:
                bounds.append(start)
            if first == 64:
                decorated = True
                continue
            place = len(bounds) - 1
            if first in b"dca" and _HEAD.match(data, start):
                (self.classes if first == 99 else self.functions).append(place)
            else:
                self.plain.append(place)
            decorated = False

    def text(self, place: int) -> bytes:
        """One statement."""
        return self.data[self.bounds[place] : self.bounds[place + 1]]

    def line(self, place: int) -> int:
        """The line of the file at which a statement begins, counted from 0. Cheapest where asked from first to last."""
        since, lines = self._counted if self._counted[0] <= self.bounds[place] else (0, 0)
        self._counted = self.bounds[place], lines + self.data.count(b"\n", since, self.bounds[place])
        return self._counted[1]

    def small(self, place: int, limit: int = _LARGE) -> bool:
        """Whether it is short enough to be looked into."""
        return self.bounds[place + 1] - self.bounds[place] < limit

    def name(self, place: int) -> bytes:
        """What a definition defines."""
        found = _NAME.search(self.data, self.bounds[place])
        return found.group(1) if found else b""

    def holding(self, word: bytes) -> set[int]:
        """Statements in which the word occurs."""
        found: set[int] = set()
        data, bounds = self.data, self.bounds
        at = data.find(word)
        while at >= 0:
            place = bisect_right(bounds, at) - 1
            found.add(place)
            at = data.find(word, bounds[place + 1])
        return found

    def beginning(self, pattern: re.Pattern[bytes], names: set[bytes]) -> set[int]:
        """Small statements that begin with the pattern, and hold one of the names in its first group."""
        found: set[int] = set()
        for place in self.plain:
            match = pattern.match(self.data, self.bounds[place])
            if match is not None and not names.isdisjoint(targets(match.group(1))) and self.small(place):
                found.add(place)
        return found


def targets(text: bytes) -> list[bytes]:
    """The names in `a, b`."""
    return [name.strip() for name in text.split(b",")] if b"," in text else [text]

"""Finds the triple-quoted strings of a Python source (language reference 2.4.1): only they hold lines of their own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

_TOKEN = re.compile(rb'#|"""|\'\'\'|"|\'')
_LINE_STRING = {34: re.compile(rb'"(?:[^"\\\n]|\\.)*"', re.S), 39: re.compile(rb"'(?:[^'\\\n]|\\.)*'", re.S)}

Spans = Sequence[tuple[int, int]]
"""Start and end of each, quotes included."""


def strings(data: bytes, limit: int) -> Spans | None:
    """Those that begin before `limit`, or None where one does not end."""
    spans: list[tuple[int, int]] = []
    place = 0
    double, single = data.find(b'"""', 0, limit), data.find(b"'''", 0, limit)
    while double >= 0 or single >= 0:
        start = double if single < 0 or 0 <= double < single else single
        line = max(place, data.rfind(b"\n", 0, start) + 1)
        before = data[line:start]
        end = 0
        if before and not before.isspace() and (b"#" in before or b'"' in before or b"'" in before):
            end = _covering(data, line, start)
        place = end or _closing(data, start)
        if place < 0:
            return None
        if not end:
            spans.append((start, place))
        if 0 <= double < place:
            double = data.find(b'"""', place, limit)
        if 0 <= single < place:
            single = data.find(b"'''", place, limit)
    return spans


def _closing(data: bytes, start: int) -> int:
    """The end of the string that begins at `start`, or -1."""
    quote = data[start : start + 3]
    end = data.find(quote, start + 3)
    while end > 0:
        slashes = end
        while data[slashes - 1] == 92:
            slashes -= 1
        if (end - slashes) % 2 == 0:
            return end + 3
        end = data.find(quote, end + 1)
    return -1


def _covering(data: bytes, line: int, start: int) -> int:
    """Where the comment or the short string ends that holds the triple quote at `start`; 0 where none does."""
    place = line
    while (found := _TOKEN.search(data, place)) is not None and found.start() < start:
        token = found.group()
        if token == b"#":
            end = data.find(b"\n", start)
            return end if end >= 0 else len(data)
        short = _LINE_STRING[token[0]].match(data, found.start())
        place = short.end() if short else found.start() + 1
        if place > start:
            return place
    return 0


def within(spans: Spans, offset: int) -> bool:
    """Whether one of the strings covers the offset."""
    place = bisect_right(spans, (offset, 1 << 62)) - 1
    return place >= 0 and spans[place][0] < offset < spans[place][1]

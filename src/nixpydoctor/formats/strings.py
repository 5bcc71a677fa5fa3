"""Finds the triple-quoted strings of a Python source (language reference 2.4.1): only they hold lines of their own."""

from __future__ import annotations

import re
from bisect import bisect_right

_TOKEN = re.compile(rb'#|"""|\'\'\'|"|\'')
_LINE_STRING = {34: re.compile(rb'"(?:[^"\\\n]|\\.)*"', re.S), 39: re.compile(rb"'(?:[^'\\\n]|\\.)*'", re.S)}

Spans = list[tuple[int, int]]
"""Start and end of each, quotes included."""


def strings(data: bytes, limit: int) -> Spans | None:
    """Those that begin before `limit`, or None where one does not end."""
    spans: Spans = []
    place = 0
    double, single = data.find(b'"""', 0, limit), data.find(b"'''", 0, limit)
    while double >= 0 or single >= 0:
        start = double if single < 0 or 0 <= double < single else single
        before = data[max(place, data.rfind(b"\n", 0, start) + 1) : start]
        if before and not before.isspace() and (b"#" in before or b'"' in before or b"'" in before):
            return _by_token(data, limit)
        place = _closing(data, start)
        if place < 0:
            return None
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


def _by_token(data: bytes, limit: int) -> Spans | None:
    """The same where a comment or a short string holds a triple quote, or might."""
    spans: Spans = []
    place = 0
    while (found := _TOKEN.search(data, place)) is not None and found.start() < limit:
        start = found.start()
        token = found.group()
        if token == b"#":
            place = data.find(b"\n", start)
            if place < 0:
                break
        elif len(token) == 3:
            place = _closing(data, start)
            if place < 0:
                return None
            spans.append((start, place))
        else:
            short = _LINE_STRING[token[0]].match(data, start)
            place = short.end() if short else start + 1
    return spans


def within(spans: Spans, offset: int) -> bool:
    """Whether one of the strings covers the offset."""
    place = bisect_right(spans, (offset, 1 << 62)) - 1
    return place >= 0 and spans[place][0] < offset < spans[place][1]

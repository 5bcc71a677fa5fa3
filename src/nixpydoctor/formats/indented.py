"""Tells what holds an indented line of a Python source, without parsing it: a function, a class, another statement."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

_START = re.compile(rb"\n[^\s#)\]}]")


@cache
def _no_deeper(indent: int) -> re.Pattern[bytes]:
    """A line that begins within so many blanks: it ends whatever was indented deeper before."""
    return re.compile(rb"\n[ \t]{0,%d}[^\s#)\]}]" % indent)


def in_function(data: bytes, outermost: int, start: int) -> bool:
    """Whether a `def` holds the line at `start`, in the statement of the first column that begins at `outermost`."""
    indent = indentation(data, start)
    at = start
    while (at := data.rfind(b"def ", outermost, at)) >= 0:
        line = data.rfind(b"\n", 0, at) + 1
        blanks = data[line:at].removesuffix(b"async ")
        if blanks and not blanks.isspace():
            continue
        if len(blanks) < indent and _no_deeper(len(blanks)).search(data, _past_head(data, at), start) is None:
            return True
    return False


def indentation(data: bytes, start: int) -> int:
    """How many blanks the line at `start` begins with."""
    end = start
    while data[end : end + 1] in (b" ", b"\t"):
        end += 1
    return end - start


def _past_head(data: bytes, at: int) -> int:
    """The last byte of a definition's first line, or of its parameters where a bracket keeps them open."""
    end = data.find(b"\n", at)
    if data.count(b"(", at, end) > data.count(b")", at, end):
        closed, arrow = data.find(b"):", end), data.find(b") ->", end)
        end = min((place for place in (closed, arrow) if place >= 0), default=end)
    return end


class Outline:
    """Where the statements in the first column of a source begin. What strings hold there counts as well."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts = [0, *[found.start() + 1 for found in _START.finditer(data)]]

    def holder(self, start: int) -> int:
        """Where the statement begins that holds the line at `start`."""
        return self._starts[bisect_right(self._starts, start) - 1]

    def idle(self, start: int) -> bool:
        """Whether nothing executes that line by itself: a function holds it, or a method."""
        outermost = self.holder(start)
        if self._data.startswith((b"def ", b"async def "), outermost):
            return outermost != start
        return self._data.startswith(b"class ", outermost) and in_function(self._data, outermost, start)

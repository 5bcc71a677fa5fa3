"""Tells what holds an indented line of a Python source, without parsing it: a function, a class, another statement."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, cached_property

from nixpydoctor.formats.strings import Spans, strings, within

BODY = re.compile(rb"[^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*([ \t]+)[^\s#]")
"""The head of a class, on one line, and the blanks before its first statement."""
_KEYWORD = re.compile(rb"(?:if|elif|else|try|except|finally|for|while|with|import|from|raise|match|@)")
_OTHERS = (b"def ", b"class ", b"import ", b"from ", b"async def ", b'"', b"'")
_START = re.compile(rb"\n[^\s#)\]}]")


@cache
def _no_deeper(indent: int) -> re.Pattern[bytes]:
    """A line that begins within so many blanks: it ends whatever was indented deeper before."""
    return re.compile(rb"\n[ \t]{0,%d}[^\s#)\]}]" % indent)


def in_function(data: bytes, outermost: int, start: int, spans: Spans = ()) -> int:
    """Where the line of the innermost `def` begins that holds the line at `start`; -1 where none does.

    It is looked for in the statement of the first column that begins at `outermost`. `spans`: the strings, where they
    are known; without them a line of a string may seem to end a function that goes on, never the other way round.
    """
    indent = indentation(data, start)
    at = start
    while (at := data.rfind(b"def ", outermost, at)) >= 0:
        line = data.rfind(b"\n", 0, at) + 1
        blanks = data[line:at].removesuffix(b"async ")
        if blanks and not blanks.isspace():
            continue
        if len(blanks) < indent:
            if not _ends(data, len(blanks), _past_head(data, at), start, spans):
                return line
            indent = len(blanks)  # whatever ends this one ends all before it that are as deep, as this one does itself
            body = BODY.match(data, outermost)
            if body is not None and indent <= len(body.group(1)):
                return -1
    return -1


def _ends(data: bytes, indent: int, begin: int, end: int, spans: Spans) -> bool:
    """Whether a statement begins there with no more than `indent` blanks."""
    found = _no_deeper(indent).search(data, begin, end)
    while found is not None and spans and within(spans, found.end() - 1):
        found = _no_deeper(indent).search(data, found.end(), end)
    return found is not None


def next_outside(data: bytes, indent: int, start: int, end: int) -> int | None:
    """Where the first line behind that of `start` begins that has no more than `indent` blanks."""
    found = _no_deeper(indent).search(data, start, end)
    return found.start() + 1 if found is not None else None


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
    """Where the statements in the first column of a source begin."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts = [0, *[found.start() + 1 for found in _START.finditer(data)]]
        self._spans: Spans | None = None
        self._since = 0
        self.until = 0
        """Where the function ends that held the last line asked about."""

    @cached_property
    def own(self) -> bytes:
        """The module's own statements that are no plain imports, and what decorates definitions."""
        data = self._data
        ends = [*self._starts[1:], len(data)]
        pieces = [data[at:end] for at, end in zip(self._starts, ends, strict=True) if not data.startswith(_OTHERS, at)]
        return b"\n" + b"".join(pieces)

    def holder(self, start: int) -> int:
        """Where the statement begins that holds the line at `start`."""
        return self._starts[bisect_right(self._starts, start) - 1]

    def end(self, outermost: int) -> int:
        """Where the statement ends that begins there."""
        place = bisect_right(self._starts, outermost)
        return self._starts[place] if place < len(self._starts) else len(self._data)

    def method(self, outermost: int, start: int) -> int:
        """Where the method begins that holds the line at `start`, of a class; -1 where none does."""
        found = -1
        while (line := in_function(self._data, outermost, start, self._spans or ())) >= 0:
            found = start = line
        return found

    def idle(self, start: int, *, sure: bool = False) -> bool:
        """Whether nothing executes that line by itself: a function holds it, or a method, or a string.

        Not `sure`: a function that seems to end where a string of its own has a line in the first column need not be
        seen through.
        """
        if self._since < start < self.until or self._held(start):
            return True
        if self._spans is None:
            if not sure and _KEYWORD.match(self._data, self.holder(start)):
                return False
            # What is no statement may be a text in the first column: only now are strings looked for.
            self._spans = strings(self._data, len(self._data)) or ()
            if self._spans:
                self._starts = [one for one in self._starts if not within(self._spans, one)]
                return self._held(start) or within(self._spans, start)
            return False
        return within(self._spans, start)

    def executed(self, start: int, at: int) -> bool:
        """Whether what stands at `at`, in that line, is executed by itself, after a second look for strings."""
        return not self.idle(start, sure=True) and not within(self._spans or (), at)

    def deferred(self, start: int) -> bool:
        """The same, also where the function is defined under a test or an attempt."""
        return self.idle(start) or in_function(self._data, self.holder(start), start, self._spans or ()) >= 0

    def _held(self, start: int) -> bool:
        place = bisect_right(self._starts, start) - 1
        outermost = self._starts[place]
        end = self._starts[place + 1] if place + 1 < len(self._starts) else len(self._data)
        if self._data.startswith((b"def ", b"async def "), outermost):
            self._since, self.until = outermost, end
            return outermost != start
        spans, in_class = self._spans or (), self._data.startswith(b"class ", outermost)
        line = in_function(self._data, outermost, start, spans) if in_class else -1
        if line < 0:
            return False
        following = next_outside(self._data, indentation(self._data, line), start, end)
        self._since, self.until = line, end if following is None else following
        return True

"""Tells what holds an indented line of a Python source, without parsing it: a function, a class, another statement."""

from __future__ import annotations

import re
from functools import cache

_HEADS = (b"\nclass ", b"\ndef ", b"\nasync def ", b"\nif ", b"\n@")


@cache
def _no_deeper(indent: int) -> re.Pattern[bytes]:
    """A line that begins within so many blanks: it ends whatever was indented deeper before."""
    return re.compile(rb"\n[ \t]{0,%d}[^\s#)\]}]" % indent)


def in_function(data: bytes, start: int, indent: int) -> int:
    """Where the line of the innermost `def` around the line at `start` begins; -1 where no function holds it."""
    at = start
    while (at := data.rfind(b"def ", 0, at)) >= 0:
        line = data.rfind(b"\n", 0, at) + 1
        before = data[line:at]
        blanks = before.removesuffix(b"async ")
        if blanks and not blanks.isspace():
            continue
        if len(blanks) < indent and _no_deeper(len(blanks)).search(data, _past_head(data, at), start) is None:
            return line
        if not blanks:
            return -1
    return -1


def _past_head(data: bytes, at: int) -> int:
    """The last byte of a definition's first line, or of its parameters where a bracket keeps them open."""
    end = data.find(b"\n", at)
    if data.count(b"(", at, end) > data.count(b")", at, end):
        closed = data.find(b"):", end)
        arrow = data.find(b") ->", end)
        end = min((place for place in (closed, arrow) if place >= 0), default=end)
    return end


def head(data: bytes, start: int) -> int:
    """Where the definition or the `if` in the first column begins that holds the line at `start`; else -1."""
    nearest = max(data.rfind(word, 0, start) for word in _HEADS)
    if nearest < 0:
        if not data.startswith(tuple(word[1:] for word in _HEADS)):
            return -1
        nearest = -1
    if _no_deeper(0).search(data, nearest + 1, start) is not None:
        return -1
    return nearest + 1

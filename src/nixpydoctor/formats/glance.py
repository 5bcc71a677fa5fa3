"""Tells at a glance that of a Python source only the plain imports in the first column can matter.

That holds for most files: what else they import, they import inside of functions that nobody calls on the way.
"""

from __future__ import annotations

import re

from nixpydoctor.formats.indented import Outline
from nixpydoctor.formats.statements import FLAGS, IDLE, IMPORTER, LOADING
from nixpydoctor.formats.strings import strings, within

_FLAG = re.compile(rb"\w+[ \t]*=[^=]")
_INSIDE = re.compile(rb"(?:^|[:;])[ \t]*(?:import|from)[ \t]")
"""An import that is indented, or stands behind another statement of its line."""
_NAME = re.compile(rb"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_WORD = re.compile(rb"[\w.]")
_MANY = 16
"""Functions that are asked for who calls them."""


def simple(data: bytes) -> list[bytes] | None:
    """The import statements of a source in which only plain ones in the first column can matter.

    None where that is not certain at a glance: an indented import that may be executed, another way to import, a
    `raise` outside of functions.
    """
    if b"__import__" in data or _has_flag(data):
        return None
    outline = Outline(data)
    if _raises(data, outline):
        return None
    found: list[tuple[int, bytes]] = []
    holders = _Holders(data, outline)
    at = data.find(b"import")
    last = 0
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        end = data.find(b"\n", at)
        line = data[start : end if end >= 0 else len(data)]
        at += 6
        if line.startswith((b"import ", b"from ")):
            if b"(" in line:
                line = data[start : data.find(b")", at) + 1]
                if b"#" in line:  # it may hold a bracket of its own
                    return None
            if not line or line.endswith(b"\\") or b"ctypes" in line or b"ffi" in line or b"importlib" in line:
                return None
            if line.startswith(b"from .") and LOADING.search(line, line.find(b"import") + 6):
                return None
            found.append((start, line))
            at = last = start + len(line)
        elif _INSIDE.search(line) and not holders.keep(start):
            return None
        at = data.find(b"import", at)
    spans = strings(data, last)
    if spans is None or holders.reached():
        return None
    return [line for start, line in found if not within(spans, start)]


def _has_flag(data: bytes) -> bool:
    """Whether a name in the first column tells the platform or the version: another module may test it."""
    for word in FLAGS:
        at = data.find(word)
        while at >= 0:
            if _FLAG.match(data, data.rfind(b"\n", 0, at) + 1):
                return True
            at = data.find(word, at + len(word))
    return False


def _raises(data: bytes, outline: Outline) -> bool:
    """Whether a `raise` may stand outside of functions."""
    at = data.find(b"raise")
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        before = data[start:at]
        plain = not before or before.isspace() or before.endswith((b": ", b"; "))
        if plain and not _WORD.match(data, at + 5) and not outline.idle(start):
            return True
        at = data.find(b"raise", at + 5)
    return False


class _Holders:
    """What holds the indented imports: functions and methods, as long as nobody calls them."""

    def __init__(self, data: bytes, outline: Outline) -> None:
        self._data = data
        self._outline = outline
        self._importing: set[int] = set()

    def keep(self, start: int) -> bool:
        """Whether nothing executes the line that begins there by itself."""
        outermost = self._outline.holder(start)
        if self._outline.idle(start):
            self._importing.add(outermost)
            return True
        return outermost != start and IDLE.match(self._data, outermost) is not None

    def reached(self) -> bool:
        """Whether one of the importing functions may be called while the module is imported, or by another module."""
        waiting, seen = list(self._importing), set[int]()
        while waiting:
            outermost = waiting.pop()
            if outermost in seen:
                continue
            seen.add(outermost)
            name = _NAME.match(self._data, outermost)
            if name is None or len(seen) > _MANY:
                return True
            of_class = self._data.startswith(b"class", outermost)
            if not of_class and IMPORTER.search(name.group(1)):
                return True
            callers = self._callers(name.group(1), of_class=of_class)
            if callers is None:
                return True
            waiting.extend(callers)
        return False

    def _callers(self, name: bytes, *, of_class: bool) -> set[int] | None:
        """Definitions that call this one; None where a statement of the module or of a class does, or a decorator."""
        data, size = self._data, len(name)
        if b"@" + name in data:
            return None
        callers: set[int] = set()
        at = data.find(name)
        while at >= 0:
            after = at + size
            if self._names(at, after, of_class) and not _WORD.match(data, at - 1):
                start = data.rfind(b"\n", 0, at) + 1
                before = data[start:at]
                if not before.endswith((b"def ", b"class ")) and b"#" not in before:
                    if not self._outline.idle(start):
                        return None
                    callers.add(self._outline.holder(start))
            at = data.find(name, after)
        return callers

    def _names(self, at: int, after: int, of_class: bool) -> bool:
        """Whether the name at that place is called, or given to another one; a class may lend a method."""
        follows = self._data[after : after + 1]
        return (
            follows == b"("
            or (of_class and follows == b".")
            or (follows in (b"\n", b"") and self._data[at - 2 : at] == b"= ")
        )

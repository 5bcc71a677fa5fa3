"""Tells at a glance that of a Python source only the plain imports in the first column can matter.

That holds for most files: what else they import, they import inside of functions that nobody calls on the way.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from nixpydoctor.formats.statements import IDLE, IMPORTER, LOADING
from nixpydoctor.formats.strings import strings, within

_FLAGS = re.compile(rb"\n\w+[ \t]*=[^=\n][^\n]*(?:sys\.platform|os\.name|platform\.system\(|sys\.version_info)")
_RAISING = re.compile(rb"\n(?:if|try|with|for)\b[^\n]*(?:\n[ \t]+)?raise\b")
_INSIDE = re.compile(rb"(?:^|[:;])[ \t\f]*(?:import|from)[ \t]")
"""An import that is indented, or stands behind another statement of its line."""
_START = re.compile(rb"\n(?:(def\b|class\b|async\b)|(?=[^\s#)\]}]))")
_DEF = re.compile(rb"def[ \t]+(\w+)")
_INDENTED = re.compile(rb"\n([ \t]+)[^\s#]")
_MANY = 16
"""Functions that are asked for who calls them."""


def simple(data: bytes) -> list[bytes] | None:
    """The import statements of a source in which only plain ones in the first column can matter.

    None where that is not certain at a glance: an indented import that may be executed, another way to import, a
    `raise` under `if`.
    """
    if b"__import__" in data or _RAISING.search(data) or _FLAGS.search(data):
        return None
    found: list[tuple[int, bytes]] = []
    owners: _Owners | None = None
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
        elif _INSIDE.search(line):
            owners = owners or _Owners(data)
            if not owners.keep(start, line):
                return None
        at = data.find(b"import", at)
    spans = strings(data, last)
    if spans is None or (owners is not None and owners.reached()):
        return None
    return [line for start, line in found if not within(spans, start)]


class _Owners:
    """Whose statement in the first column each indented import belongs to."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts: list[int] = []
        self._defines: list[bool] = []
        for found in _START.finditer(data):
            self._starts.append(found.start() + 1)
            self._defines.append(found.lastindex is not None)
        self._importing: list[int] = []

    def keep(self, start: int, line: bytes) -> bool:
        """Whether the line that begins there stands in a function or a method: nothing executes it by itself."""
        head = self._head(start)
        if head is None:
            return self._idle(start)
        if not self._data.startswith(b"class", head):
            self._importing.append(head)
            return True
        body = _INDENTED.search(self._data, head)
        if body is None or line.startswith((b"import", b"from")):
            return False
        indent = body.group(1)
        outer = any(self._data.find(b"\n" + indent + word, head, start) >= 0 for word in (b"try:", b"if "))
        return not outer and len(line) - len(line.lstrip()) > len(indent)

    def _idle(self, offset: int) -> bool:
        """Whether it stands under a test that is never true when a module is imported."""
        place = bisect_right(self._starts, offset) - 1
        return place >= 0 and IDLE.match(self._data, self._starts[place]) is not None

    def _head(self, offset: int) -> int | None:
        """Where the definition begins that holds the offset; None where it is no definition that does."""
        place = bisect_right(self._starts, offset) - 1
        return self._starts[place] if place >= 0 and self._defines[place] else None

    def reached(self) -> bool:
        """Whether one of the importing functions may be called while the module is imported, or by another module."""
        waiting, seen = list(self._importing), set[int]()
        while waiting:
            head = waiting.pop()
            if head in seen:
                continue
            seen.add(head)
            name = _DEF.search(self._data, head)
            if name is None or len(seen) > _MANY or IMPORTER.search(name.group(1)):
                return True
            callers = self._callers(name.group(1))
            if callers is None:
                return True
            waiting.extend(callers)
        return False

    def _callers(self, name: bytes) -> list[int] | None:
        """Functions that call this one; None where a statement of the module or of a class does, or a decorator."""
        if b"@" + name in self._data:
            return None
        callers: list[int] = []
        at = self._data.find(name + b"(")
        while at >= 0:
            before = self._data[at - 1 : at]
            if not before.isalnum() and before not in (b"_", b"."):
                head = self._head(at)
                if head is None:
                    return None
                if not self._data.startswith(b"class", head):
                    callers.append(head)
                elif self._data.rfind(b"def ", head, at) < 0:
                    return None
            at = self._data.find(name + b"(", at + 1)
        return callers

"""Tells whether the definitions of a source that import or open may be called while it is imported.

Nothing is parsed: a name and a bracket are a call. What only looks like one leads to the exact reading, no further.
"""

from __future__ import annotations

import re

from nixpydoctor.formats.indented import Outline
from nixpydoctor.formats.statements import IDLE, IMPORTER

_NAME = re.compile(rb"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_METHOD = re.compile(rb"[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)")
_OTHERS = (b"_", b".", b"def ", b"class ")
"""What makes another name of it, or its definition."""
_CALLED = re.compile(rb"\(")
_USED = re.compile(rb"[(.]")
_DEFINITIONS = (b"def ", b"class ", b"async def ")
_MANY = 64
"""Definitions that are asked for who calls them."""
_FEW = 16
"""Lines of a class that are asked for the method that holds them."""


class Callers:
    """The definitions of one source that import or open when they are called."""

    def __init__(self, data: bytes, outline: Outline) -> None:
        self._data = data
        self._outline = outline
        self._holding: dict[int, set[int]] = {}
        """Where each begins, and the lines of it that do so."""
        self._searched: set[int] = set()
        """Classes among them of which only some methods count."""
        self.all_told = True
        """Whether no other module can have one of them called that nobody here calls."""

    def hold(self, start: int) -> None:
        """The definition that holds the line at `start` imports or opens; a text does not, whatever it says."""
        outermost = self._outline.holder(start)
        if self._data.startswith(_DEFINITIONS, outermost):
            self._holding.setdefault(outermost, set()).add(start)

    def reached(self, tools: bool) -> bool:
        """Whether one of them may be called; `tools`: whether the source can open or import by a computed name."""
        waiting, seen = list(self._holding), set[int]()
        while waiting:
            outermost = waiting.pop()
            if outermost in seen:
                continue
            seen.add(outermost)
            name = _NAME.match(self._data, outermost)
            if name is None or len(seen) > _MANY:
                return True
            if self._data.startswith(b"class", outermost):
                lines = self._calling_class(outermost, name.group(1))
            elif tools and IMPORTER.search(name.group(1)):
                return True
            else:
                self.all_told = self.all_told and not IMPORTER.search(name.group(1))
                lines = self._mentioning(name.group(1), _CALLED)
            if lines is None:
                return True
            for start in lines:
                holder = self._outline.holder(start)
                if holder != outermost:
                    if holder in self._searched:
                        return True
                    self.hold(start)
                    waiting.append(holder)
        return False

    def using(self, name: bytes) -> set[int] | None:
        """Lines in definitions that call a name or something in it; None where the module itself or a class does."""
        return self._mentioning(name, _USED)

    def _calling_class(self, outermost: int, name: bytes) -> set[int] | None:
        """The same for a class: only its constructor counts and methods that import or open."""
        lines = self._mentioning(name, _USED)
        methods = self._methods(outermost) if lines is None else None
        if methods is None or b"__init__" in methods:
            return lines
        self._searched.add(outermost)
        self.all_told = False
        if not methods:
            return set()
        return self._mentioning(name, re.compile(rb"(?:\.\w+)*\.(?:%s)\s*\(" % b"|".join(methods)))

    def _methods(self, outermost: int) -> set[bytes] | None:
        """Methods of a class that import or open, and those that call them; None where its body may do so itself."""
        data, end = self._data, self._outline.end(outermost)
        lines, found = list(self._holding[outermost]), set[bytes]()
        for start in lines:
            method = self._outline.method(outermost, start)
            name = _METHOD.match(data, method) if method >= 0 else None
            if len(lines) > _FEW or (name is None and not self._outline.idle(start, sure=True)):
                return None
            if name is not None and name.group(1) not in found:
                found.add(name.group(1))
                call = b"." + name.group(1) + b"("
                at = data.find(call, outermost, end)
                while at >= 0:
                    lines.append(data.rfind(b"\n", 0, at) + 1)
                    at = data.find(call, at + 1, end)
        return found

    def _mentioning(self, name: bytes, how: re.Pattern[bytes]) -> set[int] | None:
        """Lines in definitions where `how` follows a name; None where a statement of the module or of a class is such.

        A decorator counts as a call, and so does a name that is given to another one.
        """
        data, lines = self._data, set[int]()
        at = data.find(name)
        while at >= 0:
            end = at + len(name)
            if how.match(data, end) or data[at - 1 : at] == b"@" or data.startswith(b"\n", end):
                start = data.rfind(b"\n", 0, at) + 1
                if self._is_mention(start, at, end):
                    idle = self._outline.idle(start)
                    if not idle and IDLE.match(data, self._outline.holder(start)):
                        self.all_told = False  # the program's own start, which another module may imitate
                    elif not idle and self._outline.executed(start, at):
                        return None
                    elif self._outline.idle(start) and data.startswith(_DEFINITIONS, self._outline.holder(start)):
                        lines.add(start)
            at = data.find(name, end)
        return lines

    def _is_mention(self, start: int, at: int, end: int) -> bool:
        """Whether the name stands there on its own, outside of a comment, and not where it is defined."""
        before = self._data[start:at]
        if before[-1:].isalnum() or before.endswith(_OTHERS) or b"#" in before:
            return False
        if before.endswith(b"@"):
            after = self._data[end : end + 1]
            return not before[:-1].strip() and not after.isalnum() and after != b"_"
        return not self._data.startswith(b"\n", end) or before.endswith(b"= ")

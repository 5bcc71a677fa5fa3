"""Tells at a glance which imports of a Python source can matter, without cutting or parsing it.

For most files these are plain statements in the first column: what else they import, they import inside of functions
that nobody calls on the way. Others import under `try` or `if`: as long as all of that succeeds, it need not be known
which is executed.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

from nixpydoctor.formats.indented import Outline, indentation, next_outside
from nixpydoctor.formats.statements import FLAGS, IDLE, IMPORTER, LOADING, openers, raises_plainly
from nixpydoctor.formats.strings import strings, within

_FLAG = re.compile(rb"(\w+)[ \t]*=[^=]")
_TELLING = re.compile(rb"[ \t]*(\w+)[ \t]*=")
_INSIDE = re.compile(rb"(?:^|[:;])[ \t]*((?:import|from)[ \t])")
"""An import that is indented, or stands behind another statement of its line."""
_GUARD = re.compile(
    rb"[ \t]*except[ \t]*(?:\(?[^\n]*\b(?:ImportError|ModuleNotFoundError|Exception|BaseException)\b|:)"
)
_NAME = re.compile(rb"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_LOCAL = re.compile(rb"(\w+)[ \t]*(?=[,\n)]|$)")
_WORD = re.compile(rb"[\w.]")
_CALLED = re.compile(rb"\(")
_USED = re.compile(rb"[(.]")
_METHOD = re.compile(rb"[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)")
_DEFINITIONS = (b"def ", b"class ", b"async def ")
_FEW = 16
"""Lines of a class that are asked for the method that holds them."""
_MANY = 32
"""Times that it is asked who calls a definition."""


class Seen(NamedTuple):
    """What a glance tells."""

    plain: list[bytes]
    """Import statements that are executed whatever happens."""
    unsure: list[bytes]
    """Import statements that may be executed."""
    guarded: list[bytes]
    """The same, with a handler for what an absent module raises."""
    flags: frozenset[str]
    """Names that others may ask how it went."""
    exact: bool
    """Whether this is all, and certain."""


def glance(data: bytes) -> Seen | None:
    """The imports of a source of which this can be told; None for any other."""
    look = _Look(data)
    if look.raises() or not look.imports() or not look.opens_idly():
        return None
    spans = strings(data, look.last)
    if spans is None or look.reached():
        return None
    flags = _flags(look.own) if look.speaks() else frozenset()
    certain = look.certain and not flags and not (look.raising >= 0 and raises_plainly(data, look.raising))
    names = flags if certain else flags | _telling(look.own)
    plain, unsure, guarded = (
        [text for at, text in some if not within(spans, at)] for some in (look.plain, look.unsure, look.guarded)
    )
    return Seen(plain, unsure, guarded, names, certain)


def _flags(data: bytes) -> frozenset[str]:
    """Names in the first column that tell the platform or the version: another module may test them."""
    names: set[str] = set()
    for word in FLAGS:
        at = data.find(word)
        while at >= 0:
            match = _FLAG.match(data, data.rfind(b"\n", 0, at) + 1)
            if match is not None:
                names.add(match.group(1).decode("latin-1"))
            at = data.find(word, at + len(word))
    return frozenset(names)


def _telling(data: bytes) -> frozenset[str]:
    """Names to which a statement gives a truth value, or nothing."""
    names: set[str] = set()
    for word in (b"= None\n", b"= True\n", b"= False\n"):
        at = data.find(word)
        while at >= 0:
            match = _TELLING.match(data, data.rfind(b"\n", 0, at) + 1)
            if match is not None and match.end() == at + 1:
                names.add(match.group(1).decode("latin-1"))
            at = data.find(word, at + len(word))
    return frozenset(names)


def _is_guarded(data: bytes, start: int) -> bool:
    """Whether the line at `start` stands directly under a `try` whose next clause catches what an import raises."""
    indent = indentation(data, start)
    head = data.rfind(b"try:", 0, start)
    line = data.rfind(b"\n", 0, head) + 1
    outer = head - line
    if head < 0 or outer >= indent or data[line:head].strip() or next_outside(data, outer, head, start) is not None:
        return False
    clause = next_outside(data, outer, start, len(data))
    return clause is not None and _GUARD.match(data, clause) is not None


class _Look:
    """One source while it is looked at: its imports, and who holds those that nothing executes by itself."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._holding: dict[int, set[int]] = {}
        """Definitions that import or open when they are called, each with the lines that do so."""
        self._searched: set[int] = set()
        """Classes among them of which only some methods count."""
        self.plain: list[tuple[int, bytes]] = []
        self.unsure: list[tuple[int, bytes]] = []
        self.guarded: list[tuple[int, bytes]] = []
        self.certain = True
        self._tools = b"__import__" in data
        self.last = 0
        """Where the last import ends."""
        self.raising = data.find(b"raise")
        """Where that word stands first; -1 where it does not."""

    @cached_property
    def _outline(self) -> Outline:
        return Outline(self._data)

    @cached_property
    def _decorates(self) -> bool:
        return b" @" in self._data or b"\t@" in self._data

    @cached_property
    def own(self) -> bytes:
        """What the module does itself, besides plain imports."""
        return self._outline.own()

    def raises(self) -> bool:
        """Whether a `raise` may stand outside of functions."""
        data, at = self._data, self.raising
        if at >= 0 and b"raise" not in self.own:
            return False
        while at >= 0:
            start = data.rfind(b"\n", 0, at) + 1
            before = data[start:at]
            plain = not before or before.isspace() or before.endswith((b": ", b"; "))
            if plain and not _WORD.match(data, at + 5) and not self._outline.idle(start):
                return True
            at = data.find(b"raise", max(at + 5, self._outline.until))
        return False

    def speaks(self) -> bool:
        """Whether the module's own statements may name the platform or the version: who does so imports what tells."""
        data = self._data
        taken = b"".join([text for some in (self.plain, self.unsure, self.guarded) for _, text in some])
        return any(word in taken for word in (b"sys", b"os", b"platform", b"*")) and (
            b"platform" in data or b"version_info" in data or b"os.name" in data
        )

    def imports(self) -> bool:
        """Take down every import; False where one cannot be understood."""
        data = self._data
        at = data.find(b"import")
        while at >= 0:
            start = data.rfind(b"\n", 0, at) + 1
            end = data.find(b"\n", at)
            line = data[start : end if end >= 0 else len(data)]
            first = line.startswith((b"import ", b"from "))
            inside = None if first else _INSIDE.search(line)
            if first or inside:
                if b"(" in line:
                    line = data[start : data.find(b")", at + 6) + 1]
                statement = line[inside.start(1) :] if inside else line
                if not self._takes(start, line, statement, first):
                    return False
                self.last = start + len(line)
                at = self.last
            else:
                at += 6
            at = data.find(b"import", at)
        return True

    def _takes(self, start: int, line: bytes, statement: bytes, first: bool) -> bool:
        if not first and self._idles(start):
            return True
        if not line or line.endswith(b"\\") or (b"(" in line and b"#" in line):
            return False  # a bracket that a comment holds, or one that is not closed
        if b"ctypes" in line or b"ffi" in line or b"importlib" in line:
            self._tools = True
            if b" as " in line and openers(line):
                return False
        self.certain = self.certain and first
        if statement.startswith(b"from ."):
            names = statement[statement.find(b"import") + 6 :]
            if LOADING.search(names) and any(self._calls(name) for name in _LOCAL.findall(names)):
                return False
        (self.plain if first else self._under(start)).append((start, statement))
        return True

    def _under(self, start: int) -> list[tuple[int, bytes]]:
        return self.guarded if _is_guarded(self._data, start) else self.unsure

    def _idles(self, start: int) -> bool:
        """Whether nothing executes the line that begins there by itself; its holder is remembered."""
        outermost = self._outline.holder(start)
        if self._outline.idle(start):
            outermost = self._outline.holder(start)
            if self._data.startswith(_DEFINITIONS, outermost):
                self._holding.setdefault(outermost, set()).add(start)
            return True  # held by anything else it stands in a string
        return outermost != start and IDLE.match(self._data, outermost) is not None

    def _calls(self, name: bytes) -> bool:
        """Whether the module itself calls what it imported, and that may load something."""
        if not LOADING.search(name):
            return False
        lines = self._mentions(name, _USED)
        for start in lines or ():
            self._holding.setdefault(self._outline.holder(start), set()).add(start)
        return lines is None

    def opens_idly(self) -> bool:
        """Whether nothing but definitions opens, or imports by a computed name."""
        self.certain = self.certain and not self._tools
        for at in openers(self._data) if self._tools else ():
            start = self._data.rfind(b"\n", 0, at) + 1
            if not self._data.startswith((b"import ", b"from "), start) and not self._idles(start):
                return False
        return True

    def reached(self) -> bool:
        """Whether one of the holders may be called while the module is imported, or by another module."""
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
                lines = self._callers_of_class(outermost, name.group(1))
            elif self._tools and IMPORTER.search(name.group(1)):
                return True
            else:
                self.certain = self.certain and not IMPORTER.search(name.group(1))
                lines = self._mentions(name.group(1), _CALLED)
            if lines is None:
                return True
            for start in lines:
                holder = self._outline.holder(start)
                if holder != outermost:
                    if holder in self._searched:
                        return True
                    self._holding.setdefault(holder, set()).add(start)
                    waiting.append(holder)
        return False

    def _callers_of_class(self, outermost: int, name: bytes) -> set[int] | None:
        """Lines in definitions that call a class or one of its methods, where that matters; None as for `_mentions`."""
        lines = self._mentions(name, _USED)
        methods = self._methods(outermost) if lines is None else None
        if methods is None or b"__init__" in methods:
            return lines
        self._searched.add(outermost)
        self.certain = False  # who calls another method of it, from elsewhere, has it read exactly
        return self._mentions(name, re.compile(rb"(?:\.\w+)*\.(?:%s)\s*\(" % b"|".join(methods)))

    def _methods(self, outermost: int) -> set[bytes] | None:
        """Methods of a class that import or open, and those that call them; None where its body may do so itself."""
        data, end = self._data, self._outline.end(outermost)
        lines, found = list(self._holding[outermost]), set[bytes]()
        for start in lines:
            method = self._outline.method(outermost, start)
            name = _METHOD.match(data, method) if method >= 0 else None
            if name is None or len(lines) > _FEW:
                return None
            if name.group(1) not in found:
                found.add(name.group(1))
                call = b"." + name.group(1) + b"("
                at = data.find(call, outermost, end)
                while at >= 0:
                    lines.append(data.rfind(b"\n", 0, at) + 1)
                    at = data.find(call, at + 1, end)
        return found

    def _mentions(self, name: bytes, how: re.Pattern[bytes]) -> set[int] | None:
        """Lines in definitions that speak of a name so; None where a statement of the module or of a class does.

        A decorator counts as a call, and so does a name that is given to another one.
        """
        data, own = self._data, self.own
        if name in own and (b"@" + name in own or b"= " + name + b"\n" in own):
            return None  # or what only begins or ends alike: then the exact reading tells
        if b"@" in data and b"@" + name in data and self._decorates:
            return None
        lines: set[int] = set()
        at = data.find(name)
        while at >= 0:
            end = at + len(name)
            if how.match(data, end):
                start = data.rfind(b"\n", 0, at) + 1
                before = data[start:at]
                if not _WORD.match(before[-1:]) and not before.endswith((b"def ", b"class ")) and b"#" not in before:
                    if self._outline.idle(start):
                        if data.startswith(_DEFINITIONS, self._outline.holder(start)):
                            lines.add(start)
                    elif IDLE.match(data, self._outline.holder(start)):
                        self.certain = False  # the program's own start, which another module may imitate
                    else:
                        return None
            at = data.find(name, end)
        return lines

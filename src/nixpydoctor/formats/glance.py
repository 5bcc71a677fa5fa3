"""Tells at a glance which imports of a Python source can matter, without cutting or parsing it.

For most files these are plain statements in the first column: what else they import, they import inside of functions
that nobody calls on the way. Others import under `try` or `if`: as long as all of that succeeds, it need not be known
which is executed.
"""

from __future__ import annotations

import re
from functools import cached_property

from nixpydoctor.formats.callers import Callers
from nixpydoctor.formats.indented import Outline, indentation, next_outside
from nixpydoctor.formats.statements import FLAGS, IDLE, LOADING, openers, raises_plainly
from nixpydoctor.formats.strings import strings, within
from nixpydoctor.light import NamedTuple

_FLAG = re.compile(rb"(\w+)[ \t]*=[^=]")
_TELLING = re.compile(rb"[ \t]*(\w+)[ \t]*=")
_INSIDE = re.compile(rb"(?:^|[:;])[ \t]*((?:import|from)[ \t])")
"""An import that is indented, or stands behind another statement of its line."""
_GUARD = re.compile(
    rb"[ \t]*except[ \t]*(?:\(?[^\n]*\b(?:ImportError|ModuleNotFoundError|Exception|BaseException)\b|:)"
)
_LOCAL = re.compile(rb"(\w+)[ \t]*(?=[,\n)]|$)")
_ANNOTATION = re.compile(
    rb"[ \t]*(?:(?:async[ \t]+)?def\b[^\n]*)?\)[ \t]*->[^\n]*|[ \t]*(?!(?:else|try|finally|lambda)\b)\w+[ \t]*:[^\n=]*"
)
"""What stands before an annotation on its line."""
_CALL = re.compile(rb"\w+[ \t]*\(")
_WORD = re.compile(rb"[\w.]")


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
    texts = spans[-1][1] if spans else 0
    plain, unsure, guarded = (
        [text for at, text in some if at >= texts or not within(spans, at)]
        for some in (look.plain, look.unsure, look.guarded)
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


def _closed(data: bytes, start: int, at: int) -> int:
    """The end of the bracket that opens in the line at `start`, brackets in comments aside; `start` where it has none.

    `at`: behind the word `import`.
    """
    end = data.find(b")", at) + 1
    while end and (comment := data.find(b"#", max(start, data.rfind(b"\n", 0, end)), end)) >= 0:
        line = data.find(b"\n", comment)
        end = data.find(b")", line) + 1 if line >= 0 else 0
    return end or start


def _only_named(data: bytes, start: int, at: int) -> bool:
    """Whether what opens is not called there: it is the name of a method, or stands in an annotation."""
    before = data[start:at]
    return before.endswith(b"def ") or (_ANNOTATION.fullmatch(before) is not None and not _CALL.match(data, at))


class _Look:
    """One source while it is looked at: its imports, and who holds those that nothing executes by itself."""

    def __init__(self, data: bytes) -> None:
        self._data = data
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
    def _callers(self) -> Callers:
        return Callers(self._data, self._outline)

    @property
    def own(self) -> bytes:
        """What the module does itself, besides plain imports."""
        return self._outline.own

    def raises(self) -> bool:
        """Whether a `raise` may stand outside of functions."""
        data, at = self._data, self.raising
        if at >= 0 and b"raise" not in self.own:
            return False
        while at >= 0:
            start = data.rfind(b"\n", 0, at) + 1
            before = data[start:at]
            plain = not before or before.isspace() or before.endswith((b": ", b"; "))
            if plain and not _WORD.match(data, at + 5) and not self._outline.deferred(start):
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
                    line = data[start : _closed(data, start, at + 6)]
                if inside is None:
                    taken = self._takes(line)
                    self.plain.append((start, line))
                else:
                    taken = self._idles(start) or self._takes_inside(start, line, line[inside.start(1) :])
                if not taken:
                    return False
                self.last = max(start + len(line), at + 6)
                at = data.find(b"import", self.last)
            else:
                at = data.find(b"import", at + 6)
        return True

    def _takes_inside(self, start: int, line: bytes, statement: bytes) -> bool:
        """The same for an import that may be executed."""
        self.certain = False
        (self.guarded if _is_guarded(self._data, start) else self.unsure).append((start, statement))
        return self._takes(line, statement)

    def _takes(self, line: bytes, statement: bytes = b"") -> bool:
        """Whether the import on that line can be understood."""
        if not line or line.endswith(b"\\"):
            return False  # a bracket that is not closed, or a line that goes on
        if b"ctypes" in line or b"ffi" in line or b"importlib" in line:
            self._tools = True
            if b" as " in line and openers(line):
                return False
        statement = statement or line
        if statement.startswith(b"from ."):
            names = statement[statement.find(b"import") + 6 :]
            return not (LOADING.search(names) and any(self._calls(name) for name in _LOCAL.findall(names)))
        return True

    def _idles(self, start: int) -> bool:
        """Whether nothing executes the line that begins there by itself; its holder is remembered."""
        if self._outline.idle(start):
            self._callers.hold(start)
            return True
        outermost = self._outline.holder(start)
        return outermost != start and IDLE.match(self._data, outermost) is not None

    def _calls(self, name: bytes) -> bool:
        """Whether the module itself calls what it imported, and that may load something."""
        lines = self._callers.using(name) if LOADING.search(name) else set()
        for start in lines or ():
            self._callers.hold(start)
        return lines is None

    def opens_idly(self) -> bool:
        """Whether nothing but definitions opens, or imports by a computed name."""
        self.certain = self.certain and not self._tools
        for at in openers(self._data) if self._tools else ():
            start = self._data.rfind(b"\n", 0, at) + 1
            if self._data.startswith((b"import ", b"from "), start) or self._idles(start):
                continue
            if not _only_named(self._data, start, at):
                return False
        return True

    def reached(self) -> bool:
        """Whether one of the holders may be called while the module is imported, or by another module."""
        if "_callers" not in vars(self):
            return False  # there are none
        found = self._callers.reached(self._tools)
        self.certain = self.certain and self._callers.all_told
        return found

"""Picks those top-level statements of a source that can matter to an import, by the words that they contain."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable

from nixpydoctor.formats.chunks import Chunks, targets
from nixpydoctor.formats.indented import in_function
from nixpydoctor.formats.statements import FLAGS, IDLE, IMPORTER, openers, raises_plainly
from nixpydoctor.formats.trimming import trimmed

_ASSIGNED = re.compile(rb"([A-Za-z_][\w, \t]*?)[ \t]*(?:(?::[^=\n]+)?=(?!=)|\+=|\.(?:append|extend|insert)\()")
_ASSIGNED_INSIDE = re.compile(rb"\n[ \t]+([A-Za-z_][\w, \t]*?)[ \t]*(?:=(?!=)|\+=|\.(?:append|extend|insert)\()")
_DEFINED_INSIDE = re.compile(rb"\n[ \t]+(?:def|class)[ \t]+(\w+)")
_OPENED = re.compile(rb"(?m)^[ \t]*(\w+)[ \t]*=[^=\n][^\n]*\b(?:CDLL|PyDLL|LoadLibrary)\b")
_GIVEN = re.compile(rb"(\w+)[ \t]*=[ \t]*(\w+)[ \t]*(?:#[^\n]*)?\n*\Z")
_CALLING = re.compile(rb"(?:[\w, \t]+=[ \t]*)?([A-Za-z_]\w*)(?:\.\w+)*\(")
_DECORATOR = re.compile(rb"@(\w+)\b(?!\.)")
_DOC = re.compile(rb"[rRbBuU]{0,2}['\"]")
_AS = re.compile(rb"\w+[ \t]+as[ \t]+(\w+)")
_IS = re.compile(rb"(\w+)[ \t]*=[ \t]*(?:\w+\.)*\w+[ \t]*$", re.M)
_COMPOUND = re.compile(rb"(?:if|try|for|with|while|match|async)\b")
_SIMPLE = re.compile(rb"(?:import|from|raise)\b")
_BEHIND = re.compile(rb";[ \t]*(?:import|from|raise)\b")
_HANDLING = re.compile(rb"except\b[^\n]*(?:Import|OS|NotFound|Name)Error")
_EXCEPTION = re.compile(rb"class[ \t]+\w+\([^)\n]*(?:Error|Exception)\)")
_LINE = re.compile(rb"(?:^|[:;])[ \t]*(?:import|from)[ \t]", re.M)
_LARGE = 1 << 15
"""Bytes of a class above which nobody looks into its methods."""


class Picking:
    """What is picked of one source, and what of the rest is wanted later."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._speaking: dict[int, list[int]] = {}
        """Statements that name something that opens, each with where it does."""
        self._tools = False
        """Whether the source can open or import by a computed name at all."""
        self._assigned: dict[int, frozenset[bytes]] = {}
        """What each statement gives a value to in its blocks."""

    def first(self) -> dict[int, bytes]:
        """Statements that can matter by their words, and definitions that these call."""
        chunks, data, bounds = self._chunks, self._chunks.data, self._chunks.bounds
        held = chunks.holding(b"import")
        texts: dict[int, bytes] = {}
        tools = b"__import__" in data
        for place in chunks.plain:
            imports = place in held
            if imports or data[bounds[place]] in b"itfrwm":
                text = data[bounds[place] : bounds[place + 1]]
                if _matters(text, imports):
                    texts[place] = text
                    tools = tools or b"importlib" in text or b"ctypes" in text or b"ffi" in text
        self._tools = tools
        if tools:
            self._listen()
            self._pick_openers(texts)
            if b"find_library" in data:
                self._pick_askers(texts)
        if any(word in data for word in FLAGS):
            self._pick_flags(texts)
        for place in chunks.classes:
            if (place in held or tools) and self._class_acts(place):
                texts[place] = self._trimmed(place)
        self._pick_definitions(held, texts)
        return texts

    def _listen(self) -> None:
        """Find who speaks of what opens or imports, by the other names too that the source gives to that."""
        data, bounds = self._chunks.data, self._chunks.bounds
        places = openers(data)
        others = {name for at in places if (name := _renaming(data, at)) is not None}
        for at in openers(data, others) if others else places:
            self._speaking.setdefault(bisect_right(bounds, at) - 1, []).append(at)

    def _pick_flags(self, texts: dict[int, bytes]) -> None:
        """Names for what the platform or the version is: this module may test them, or another one."""
        chunks = self._chunks
        for place in chunks.plain:
            if place not in texts and chunks.small(place) and _ASSIGNED.match(chunks.data, chunks.bounds[place]):
                text = chunks.text(place)
                if any(word in text for word in FLAGS):
                    texts[place] = text

    def _pick_openers(self, texts: dict[int, bytes]) -> None:
        """Simple statements, and what decorates or heads a function, that open or import by a computed name."""
        for place in self._chunks.plain:
            if place not in texts and place in self._speaking:
                text = self._chunks.text(place)
                if not _DOC.match(text):
                    texts[place] = text

    def _pick_askers(self, texts: dict[int, bytes]) -> None:
        """Who first asks an opened library for something: where it was not found, that is the program itself."""
        chunks = self._chunks
        for library in dict.fromkeys(_OPENED.findall(chunks.data)):
            asks = re.compile(rb"\b%s(?:\.\w|\[)|\bgetattr\([ \t]*%s\b" % (library, library))
            askers = {chunks.name(place): place for place in chunks.functions if asks.search(chunks.text(place))}
            for place in chunks.plain:
                text = chunks.text(place)
                called = next((name for name in askers if _uses(text, name)), None)
                if called is not None:
                    texts.setdefault(askers[called], chunks.text(askers[called]))
                if called is not None or (place not in texts and asks.search(text)):
                    texts[place] = text
                    break

    # ── definitions ───────────────────────────────────────────────────────────────────────────────────────────────

    def _class_acts(self, place: int) -> bool:
        """Whether a class body imports or opens outside of its methods."""
        data, start, end = self._chunks.data, self._chunks.bounds[place], self._chunks.bounds[place + 1]
        spans = self._chunks.spans
        if any(in_function(data, start, at, spans) < 0 for at in self._importing(start, end)):
            return True
        if not self._tools:
            return False
        for at in self._speaking.get(place, ()):
            line = data.rfind(b"\n", 0, at) + 1
            text = data[line:at]
            if text.lstrip().startswith((b"def ", b"@", b"class ")):
                return True
            if in_function(data, start, line, spans) < 0:
                return True
        return False

    def _importing(self, start: int, end: int) -> Iterable[int]:
        """Lines of a definition that begin an import: the word alone is often prose."""
        data = self._chunks.data
        at = data.find(b"import", start, end)
        while at >= 0:
            begin = data.rfind(b"\n", 0, at) + 1
            line = data[begin : data.find(b"\n", at, end)]
            if _LINE.search(line):
                yield begin
            at = data.find(b"import", at + 6, end)

    def _trimmed(self, place: int) -> bytes:
        """A class without the methods that cannot matter."""
        return trimmed(self._chunks.text(place), lambda text: _LINE.search(text) is not None or bool(openers(text)))

    def _pick_definitions(self, held: set[int], texts: dict[int, bytes]) -> None:
        """Add definitions that open or import by a computed name, and importing ones that the module itself uses."""
        chunks = self._chunks
        classes = [place for place in chunks.classes if chunks.small(place, _LARGE)]
        dynamic = {place for place in (*chunks.functions, *classes) if place in self._speaking}
        importing = {
            place
            for place in (*chunks.functions, *classes)
            if place in held and any(self._importing(chunks.bounds[place], chunks.bounds[place + 1]))
        }
        raising = set[int]()
        for place in chunks.functions if raises_plainly(chunks.data) else ():
            text = chunks.text(place) if chunks.small(place) else b""
            if raises_plainly(text) and b"return" not in text:
                raising.add(place)
        names = {place: chunks.name(place) for place in importing | dynamic | raising}
        names = {place: name for place, name in names.items() if name != b"__getattr__"}
        inside = [name for text in texts.values() if b"def " in text for name in _DEFINED_INSIDE.findall(text)]
        if not names and not inside:
            return
        own = {place: chunks.text(place) for place in chunks.plain if self._may_call(place)}
        decorators = self._decorators()
        around = b"".join(own.values()) + b"".join(name + b"(" for name in decorators.values())
        picked = {
            place
            for place, name in names.items()
            if place in dynamic
            or place in raising
            or (IMPORTER.search(name) and place in chunks.functions)
            or _uses(around, name)
        }
        waiting = list(picked)
        while waiting:
            text = chunks.text(waiting.pop())
            more = {place for place in names.keys() - picked if _uses(text, names[place])}
            picked |= more
            waiting.extend(more)
        called = {*(names[place] for place in picked), *inside}
        given = [match.groups() for text in own.values() if (match := _GIVEN.match(text)) is not None]
        called |= {other for other, name in given if name in called}
        for place in picked:
            texts[place] = self._trimmed(place) if place in chunks.classes else chunks.text(place)
        for place, text in own.items() if called else ():
            if place not in texts and any(_uses(text, name) for name in called):
                texts[place] = text
        for place, name in decorators.items():
            if name in called:
                texts.setdefault(place, chunks.text(place))

    def _may_call(self, place: int) -> bool:
        """Neither an import, nor a text, nor a table of data."""
        data, start = self._chunks.data, self._chunks.bounds[place]
        if _SIMPLE.match(data, start) or _DOC.match(data, start):
            return False
        return self._chunks.small(place) or _COMPOUND.match(data, start) is not None

    def _decorators(self) -> dict[int, bytes]:
        """What decorates each definition."""
        data, bounds = self._chunks.data, self._chunks.bounds
        decorated = [place for place in (*self._chunks.functions, *self._chunks.classes) if data[bounds[place]] == 64]
        found = {place: _DECORATOR.match(data, bounds[place]) for place in decorated}
        return {place: match.group(1) for place, match in found.items() if match}

    # ── what the picked statements use ────────────────────────────────────────────────────────────────────────────

    def assigning(self, names: Iterable[str]) -> set[int]:
        """Statements that give one of these names its value: assignments, and definitions of that name."""
        chunks, wanted = self._chunks, _encoded(names)
        found = chunks.beginning(_ASSIGNED, wanted)
        for place in chunks.plain:
            if place not in self._assigned:
                start, end = chunks.bounds[place], chunks.bounds[place + 1]
                compound = _COMPOUND.match(chunks.data, start) is not None
                inside = b",".join(_ASSIGNED_INSIDE.findall(chunks.data, start, end)) if compound else b""
                self._assigned[place] = frozenset(targets(inside))
            if not wanted.isdisjoint(self._assigned[place]):
                found.add(place)
        for place in chunks.functions if self._tools else ():
            if chunks.small(place) and chunks.name(place) in wanted:
                found.add(place)
        for place in chunks.classes:
            if _EXCEPTION.match(chunks.data, chunks.bounds[place]) and chunks.name(place) in wanted:
                found.add(place)
        return found

    def rescuing(self, names: Iterable[str]) -> set[int]:
        """Functions of these names: what handlers call may raise."""
        wanted = _encoded(names)
        chunks = self._chunks
        return {place for place in chunks.functions if chunks.name(place) in wanted and chunks.small(place)}

    def calling(self, names: Iterable[str]) -> set[int]:
        """Statements that do nothing but call one of these names, or keep what it returns."""
        return self._chunks.beginning(_CALLING, _encoded(names))

    def texts(self, places: Collection[int]) -> dict[int, bytes]:
        """Statements whole."""
        return {place: self._chunks.text(place) for place in places}


def _encoded(names: Iterable[str]) -> set[bytes]:
    return {name.encode("utf-8", "surrogatepass") for name in names}


def _renaming(data: bytes, at: int) -> bytes | None:
    """The other name that is given there to what opens: `CDLL as Open`, `Open = ctypes.CDLL`."""
    match = _AS.match(data, at) or _IS.match(data, data.rfind(b"\n", 0, at) + 1)
    return match.group(1) if match is not None else None


def _matters(text: bytes, imports: bool) -> bool:
    """Whether a statement that is no definition can import or raise; `imports`: that word occurs in it."""
    if _SIMPLE.match(text):
        return True
    if _COMPOUND.match(text):
        told = imports or _HANDLING.search(text) is not None or (b"raise" in text and b"def " not in text)
        return told and (IDLE.match(text) is None or b"\nel" in text)
    return imports and b";" in text and _BEHIND.search(text) is not None


def _uses(text: bytes, name: bytes) -> bool:
    """Whether a definition of that name is called, lends a method, or is given another name."""
    at = text.find(name)
    while at >= 0:
        after = at + len(name)
        follows = text[after : after + 1]
        if follows in (b"(", b".") or (follows in (b"\n", b"") and text[at - 2 : at] == b"= "):
            before = text[at - 1 : at]
            if not before.isalnum() and before not in (b"_", b"."):
                return True
        at = text.find(name, after)
    return False

"""Cuts a Python source into its top-level statements and picks those that can matter to an import, without parsing it.

A statement begins at a line that starts in the first column, outside of triple-quoted strings (Python language
reference 2.1). The rest is judged by the words it contains. What is picked is parsed afterwards: a cut in the wrong
place shows as a syntax error there, and the caller then takes the whole file. Every step is chosen for speed: this
runs over thousands of files.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from nixpydoctor.formats.statements import IDLE, IMPORTER
from nixpydoctor.formats.strings import strings, within

_START = re.compile(rb"\n(?<!\\\n)(?=[^\s#)\]}])")
_GLUED = (b"else", b"elif", b"except", b"finally")
_DEF = re.compile(rb"\b(?:def|class)[ \t]+(\w+)")
_HEAD = re.compile(rb"@|(?:async[ \t]+)?def\b|class\b")
_ASSIGNED = re.compile(rb"([A-Za-z_][\w, \t]*?)[ \t]*(?:(?::[^=\n]+)?=(?!=)|\+=|\.(?:append|extend|insert)\()")
_ASSIGNED_INSIDE = re.compile(rb"\n[ \t]+([A-Za-z_][\w, \t]*?)[ \t]*(?:=(?!=)|\+=|\.(?:append|extend|insert)\()")
_CALLING = re.compile(rb"(?:[\w, \t]+=[ \t]*)?([A-Za-z_]\w*)(?:\.\w+)*\(")
_DECORATOR = re.compile(rb"@(\w+)\b(?!\.)")
_DOC = re.compile(rb"[rRbBuU]{0,2}['\"]")
_OPENS = re.compile(rb"\b(?:CDLL|PyDLL|LoadLibrary|dlopen|find_library|import_module|__import__|FFI)\b")
_BEGINNINGS = (b"import ", b"from ", b"try:", b"if ")
_COMPOUND = re.compile(rb"(?:if|try|for|with|while|match|async)\b")
_SIMPLE = re.compile(rb"(?:import|from|raise)\b")
_PLATFORM = (b"sys.platform", b"os.name", b"platform.system(", b"sys.version_info")
_HANDLING = re.compile(rb"except\b[^\n]*(?:Import|OS|NotFound|Name)Error")
_INDENTED = re.compile(rb"\n([ \t]+)[^\s#]")
_LARGE = 4096
"""Bytes of an assignment above which it is a table of data, not of names to try."""


class Chunks:
    """A source's top-level statements. `data` has plain newlines. Bounds inside of strings are left in at first."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.bounds = [0, *[found.end() for found in _START.finditer(data)]]
        self.functions: list[int] = []
        self.classes: list[int] = []
        self.plain: list[int] = []
        """Places of statements that are no definitions, in order."""
        self.tools = False
        """Whether the source can open or import by a computed name at all."""
        self._sort()
        self.bounds.append(len(data))

    def _sort(self) -> None:
        """Glue what belongs together and tell definitions from the rest."""
        data, bounds = self.data, [0]
        decorated = False
        for start in self.bounds:
            head = data[start] if data else 0
            if head == 64:
                if not decorated and start:
                    bounds.append(start)
                decorated = True
                continue
            if head in b"ef" and data.startswith(_GLUED, start):
                continue
            if not decorated and start:
                bounds.append(start)
            place = len(bounds) - 1
            if head in b"dca" and _HEAD.match(data, start):
                (self.classes if head == 99 else self.functions).append(place)
            elif not decorated:
                self.plain.append(place)
            decorated = False
        self.bounds = bounds

    def text(self, place: int) -> bytes:
        """One statement."""
        return self.data[self.bounds[place] : self.bounds[place + 1]]

    def line(self, place: int) -> int:
        """The line of the file at which a statement begins, counted from 0."""
        return self.data.count(b"\n", 0, self.bounds[place])

    def _holding(self, word: bytes) -> set[int]:
        """Statements in which the word occurs."""
        found: set[int] = set()
        data, bounds = self.data, self.bounds
        at = data.find(word)
        while at >= 0:
            place = bisect_right(bounds, at) - 1
            found.add(place)
            at = data.find(word, bounds[place + 1])
        return found

    def picked(self) -> dict[int, bytes] | None:
        """Statements that can matter by their words, and module-level functions that these call.

        None where a string does not end: no cut is to be trusted then.
        """
        data, bounds = self.data, self.bounds
        held = self._holding(b"import")
        texts: dict[int, bytes] = {}
        tools = b"__import__" in data
        for place in self.plain:
            imports = place in held
            if imports or data[bounds[place]] in b"itfrw":
                text = data[bounds[place] : bounds[place + 1]]
                if _matters(text, imports):
                    texts[place] = text
                    tools = tools or b"importlib" in text or b"ctypes" in text or b"ffi" in text
        for place in held.intersection(self.classes):
            body = _class_body(self.text(place))
            if body:
                texts[place] = body
        if tools:
            self._pick_openers(texts)
        if any(word in data for word in _PLATFORM):
            self._pick_flags(texts)
        functions = [place for place in self.functions if place in held and self._imports(place)]
        self.tools = tools
        if functions or tools:
            self._pick_functions(set(functions), texts, tools)
        return self._trusted(texts)

    def texts(self, places: set[int]) -> dict[int, bytes]:
        """Statements whole, those inside of strings left out."""
        return self._trusted({place: self.text(place) for place in places}) or {}

    def _trusted(self, texts: dict[int, bytes]) -> dict[int, bytes] | None:
        """The same without what lies inside of strings, and with strings whole that a cut went through."""
        if not texts:
            return texts
        spans = strings(self.data, self.bounds[max(texts) + 1])
        if spans is None:
            return None
        trusted: dict[int, bytes] = {}
        for place, text in texts.items():
            if within(spans, self.bounds[place]):
                continue
            last = place + 1
            while within(spans, self.bounds[last]):
                last += 1
            trusted[place] = text if last == place + 1 else self.data[self.bounds[place] : self.bounds[last]]
        return trusted

    def _pick_flags(self, texts: dict[int, bytes]) -> None:
        """Names for what the platform or the version is: this module may test them, or another one."""
        for place in self.plain:
            if place not in texts and self._small(place) and _ASSIGNED.match(self.data, self.bounds[place]):
                text = self.text(place)
                if any(word in text for word in _PLATFORM):
                    texts[place] = text

    def _pick_openers(self, texts: dict[int, bytes]) -> None:
        """Simple statements that open or import by a computed name."""
        for place in self.plain:
            if place not in texts and _OPENS.search(self.data, self.bounds[place], self.bounds[place + 1]):
                text = self.text(place)
                if not _DOC.match(text):
                    texts[place] = text

    def _pick_functions(self, importing: set[int], texts: dict[int, bytes], tools: bool) -> None:
        """Add functions that open or import by a computed name, and importing ones that the module itself calls."""
        constructors = {place: made for place in self.classes if tools and (made := self._constructor(place))}
        dynamic = {place for place in self.functions if tools and self._opens(place)} | constructors.keys()
        names = {place: self._name(place) for place in importing | dynamic}
        names = {place: name for place, name in names.items() if name != b"__getattr__"}
        own = {place: self.text(place) for place in self.plain if self._may_call(place)}
        around = b"".join(own.values()) + b"".join(self._decorators())
        picked = {place for place in names if place in dynamic or IMPORTER.search(names[place])}
        picked |= {place for place, name in names.items() if _calls(around, name)}
        waiting = list(picked)
        while waiting:
            text = self.text(waiting.pop())
            more = {place for place in names.keys() - picked if _calls(text, names[place])}
            picked |= more
            waiting.extend(more)
        for place in picked:
            texts[place] = constructors.get(place) or self.text(place)
        for place, text in own.items() if picked else ():
            if place not in texts and any(_calls(text, names[other]) for other in picked):
                texts[place] = text

    def _may_call(self, place: int) -> bool:
        """Neither an import, nor a text, nor a table of data."""
        start = self.bounds[place]
        if _SIMPLE.match(self.data, start) or _DOC.match(self.data, start):
            return False
        return self._small(place) or _COMPOUND.match(self.data, start) is not None

    def _decorators(self) -> list[bytes]:
        """What decorates definitions, as if it were called."""
        starts = [self.bounds[place] for place in (*self.functions, *self.classes)]
        found = [_DECORATOR.match(self.data, start) for start in starts if self.data[start] == 64]
        return [match.group(1) + b"(" for match in found if match]

    def _imports(self, place: int) -> bool:
        """Whether a line of the definition begins an import: the word alone is often prose."""
        return next(self._importing(self.bounds[place], self.bounds[place + 1]), None) is not None

    def _importing(self, start: int, end: int) -> Iterator[bytes]:
        """The blanks before each line that begins an import."""
        at = self.data.find(b"import", start, end)
        while at >= 0:
            before = self.data[self.data.rfind(b"\n", start, at) + 1 : at]
            rest = before.lstrip()
            if not rest or rest.startswith(b"from "):
                yield before[: len(before) - len(rest)]
            at = self.data.find(b"import", at + 6, end)

    def _opens(self, place: int) -> bool:
        return _OPENS.search(self.data, self.bounds[place], self.bounds[place + 1]) is not None

    def _constructor(self, place: int) -> bytes:
        """A class reduced to its `__init__`, where that opens something or is small enough to be looked into."""
        text = self.text(place)
        start = text.find(b"def __init__(")
        if start < 0 or not _OPENS.search(text):
            return b""
        line = text.rfind(b"\n", 0, start) + 1
        indent = text[line:start]
        end = re.search(rb"\n" + indent + rb"[^\s#)\]}]", text[start:])
        made = text[line : start + end.start() + 1 if end else len(text)]
        head = b"class " + self._name(place) + b":\n"
        return (
            head + b"\n" * (text.count(b"\n", 0, line) - 1) + made if len(made) < _LARGE and not indent.strip() else b""
        )

    def _small(self, place: int) -> bool:
        return self.bounds[place + 1] - self.bounds[place] < _LARGE

    def _name(self, place: int) -> bytes:
        found = _DEF.search(self.data, self.bounds[place])
        return found.group(1) if found else b""

    def assigning(self, names: Iterable[str]) -> set[int]:
        """Statements that give one of these names its value: assignments, and functions of that name."""
        wanted = _encoded(names)
        found = self._heads(_ASSIGNED, wanted)
        for place in self.plain:
            start, end = self.bounds[place], self.bounds[place + 1]
            if _COMPOUND.match(self.data, start):
                inside = b",".join(_ASSIGNED_INSIDE.findall(self.data, start, end))
                if not wanted.isdisjoint(_targets(inside)):
                    found.add(place)
        for place in self.functions if self.tools else ():
            if self._small(place) and self._name(place) in wanted:
                found.add(place)
        return found

    def raising(self, names: Iterable[str]) -> set[int]:
        """Functions of these names that raise somewhere."""
        wanted = _encoded(names)
        return {
            place
            for place in (self.functions if wanted else ())
            if self._name(place) in wanted and self._small(place) and b"raise" in self.text(place)
        }

    def calling(self, names: Iterable[str]) -> set[int]:
        """Statements that do nothing but call one of these names, or keep what it returns."""
        return self._heads(_CALLING, _encoded(names))

    def _heads(self, pattern: re.Pattern[bytes], wanted: set[bytes]) -> set[int]:
        found: set[int] = set()
        for place in self.plain:
            match = pattern.match(self.data, self.bounds[place])
            if match is not None and not wanted.isdisjoint(_targets(match.group(1))) and self._small(place):
                found.add(place)
        return found


def _targets(targets: bytes) -> list[bytes]:
    """The names in `a, b`."""
    return [name.strip() for name in targets.split(b",")] if b"," in targets else [targets]


def _encoded(names: Iterable[str]) -> set[bytes]:
    return {name.encode("utf-8", "surrogatepass") for name in names}


def _matters(text: bytes, imports: bool) -> bool:
    """Whether a statement that is no definition can import or raise; `imports`: that word occurs in it."""
    if _SIMPLE.match(text):
        return True
    if _COMPOUND.match(text):
        told = imports or _HANDLING.search(text) is not None or (b"raise" in text and b"def " not in text)
        return told and (IDLE.match(text) is None or b"\nel" in text)
    return False


def _calls(text: bytes, name: bytes) -> bool:
    """Whether the name is followed by a parenthesis somewhere."""
    at = text.find(name + b"(")
    while at >= 0:
        before = text[at - 1 : at]
        if not before.isalnum() and before not in (b"_", b"."):
            return True
        at = text.find(name + b"(", at + 1)
    return False


def _class_body(text: bytes) -> bytes:
    """The statements of a class body that can matter, under an `if` that is always true; empty where none does."""
    first = _INDENTED.search(text)
    if first is None:
        return b""
    line = b"\n" + first.group(1)
    if not any(line + word in text for word in _BEGINNINGS):
        return b""
    indent = first.group(1)
    spans = strings(text, len(text)) or []
    begins = [
        found.start() + 1
        for found in re.finditer(rb"\n" + indent + rb"(?=[^\s#)\]}])", text)
        if not within(spans, found.end())
    ]
    picked: list[bytes] = []
    lines = 0
    for start, end in zip(begins, [*begins, len(text)][1:], strict=True):
        inner = text[start:end].lstrip()
        if _HEAD.match(inner) is None and _matters(inner, b"import" in inner):
            gap = text.count(b"\n", 0, start) - 1 - lines
            picked.append(b"\n" * gap + text[start:end])
            lines += gap + text.count(b"\n", start, end)
    return b"if 1:\n" + b"".join(picked) if picked else b""

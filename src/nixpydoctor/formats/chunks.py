"""Cuts a Python source into its top-level statements and picks those that can matter to an import, without parsing it.

A statement begins at a line that starts in the first column, outside of triple-quoted strings (Python language
reference 2.1). The rest is judged by the words it contains. What is picked is parsed afterwards: a cut in the wrong
place shows as a syntax error there, and the caller then takes the whole file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from typing import Any

_START = re.compile(rb"\n(?<!\\\n)(?=[^\s#)\]}])")
_TOKEN = re.compile(rb'#|"""|\'\'\'|"|\'')
_LINE_STRING = {34: re.compile(rb'"(?:[^"\\\n]|\\.)*"', re.S), 39: re.compile(rb"'(?:[^'\\\n]|\\.)*'", re.S)}
_GLUED = (b"else", b"elif", b"except", b"finally")
_DEF = re.compile(rb"(?:async[ \t]+)?def[ \t]+(\w+)")
_CLASS = re.compile(rb"class\b")
_HEAD = re.compile(rb"@|(?:async[ \t]+)?def\b|class\b")
_ASSIGNED = re.compile(rb"([A-Za-z_]\w*)\s*(?::[^=\n]+)?(?:=(?!=)|\+=)")
_CALLED = re.compile(rb"\b([A-Za-z_]\w*)\s*\(")
_CALLING = re.compile(rb"(?:[\w, \t]+=[ \t]*)?([A-Za-z_]\w*)\(")
_DOC = re.compile(rb"[rRbBuU]{0,2}['\"]")
_DYNAMIC = (b"DLL", b"LoadLibrary", b"dlopen", b"find_library", b"import_module", b"__import__", b"FFI")
_PLAIN = (b"import", b"raise", b"ImportError", b"OSError")
_WORD = re.compile(
    rb"\b(?:import|raise|ImportError|OSError|CDLL|PyDLL|LoadLibrary|dlopen|find_library|import_module|__import__|FFI)\b"
)
_IDLE = re.compile(
    rb"if\s+\(?\s*(?:\w+\.)?(?:TYPE_CHECKING\s*:|__name__\s*==\s*['\"]__main__['\"]\s*\)?\s*:)"
)
_INDENTED = re.compile(rb"\n([ \t]+)[^\s#]")
_NOISE = re.compile(rb"#[^\n]*|[()\\]")


def strings(data: bytes) -> list[tuple[int, int]] | None:
    """Where the triple-quoted strings lie, or None where one does not end."""
    spans: list[tuple[int, int]] = []
    place = 0
    double, single = data.find(b'"""'), data.find(b"'''")
    while double >= 0 or single >= 0:
        start = double if single < 0 or 0 <= double < single else single
        before = data[max(place, data.rfind(b"\n", 0, start) + 1) : start]
        if b"#" in before or b'"' in before or b"'" in before:
            return _strings_by_token(data)
        place = _closing(data, start)
        if place < 0:
            return None
        spans.append((start, place))
        if 0 <= double < place:
            double = data.find(b'"""', place)
        if 0 <= single < place:
            single = data.find(b"'''", place)
    return spans


def _closing(data: bytes, start: int) -> int:
    quote = data[start : start + 3]
    end = data.find(quote, start + 3)
    while end > 0:
        slashes = end
        while data[slashes - 1] == 92:
            slashes -= 1
        if (end - slashes) % 2 == 0:
            return end + 3
        end = data.find(quote, end + 1)
    return -1


def _strings_by_token(data: bytes) -> list[tuple[int, int]] | None:
    """The same where a comment or a short string holds a triple quote, or might."""
    spans: list[tuple[int, int]] = []
    place = 0
    while (found := _TOKEN.search(data, place)) is not None:
        start = found.start()
        token = found.group()
        if token == b"#":
            place = data.find(b"\n", start)
            if place < 0:
                break
        elif len(token) == 3:
            place = _closing(data, start)
            if place < 0:
                return None
            spans.append((start, place))
        else:
            short = _LINE_STRING[token[0]].match(data, start)
            place = short.end() if short else start + 1
    return spans


class Chunks:
    """A source's top-level statements. `data` has plain newlines."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        spans = strings(data)
        self.whole = spans is None
        """True where no cut is to be trusted."""
        self.bounds = [0, len(data)] if spans is None else _bounds(data, spans)
        self.functions: dict[bytes, int] = {}
        self.classes: list[int] = []
        self.plain: list[int] = []
        for place, start in enumerate(self.bounds[:-1]):
            if data[start] not in b"@adc":
                self.plain.append(place)
                continue
            keyword = start
            while data[keyword] == 64:
                keyword = _after_decorator(data, keyword, self.bounds[place + 1])
            named = _DEF.match(data, keyword)
            if named:
                self.functions[named.group(1)] = place
            elif _CLASS.match(data, keyword):
                self.classes.append(place)
            else:
                self.plain.append(place)

    def text(self, place: int) -> bytes:
        """One statement."""
        return self.data[self.bounds[place] : self.bounds[place + 1]]

    def line(self, place: int) -> int:
        """The line of the file at which a statement begins, counted from 0."""
        return self.data.count(b"\n", 0, self.bounds[place])

    def _holding(self, words: Iterable[bytes]) -> set[int]:
        """Statements in which one of the words occurs."""
        found: set[int] = set()
        for word in words:
            at = self.data.find(word)
            while at >= 0:
                place = bisect_right(self.bounds, at) - 1
                found.add(place)
                at = self.data.find(word, self.bounds[place + 1])
        return found

    def picked(self) -> dict[int, bytes]:
        """Statements that can matter by their words, and module-level functions that these call."""
        dynamic = self._holding(_DYNAMIC)
        held = dynamic | self._holding(_PLAIN)
        texts: dict[int, bytes] = {}
        for place in held.intersection(self.plain):
            text = self.text(place)
            if (
                _WORD.search(text)
                and not _DOC.match(text)
                and not (_IDLE.match(text) and b"\nel" not in text)
            ):
                texts[place] = text
        for place in held.intersection(self.classes):
            body = _class_body(self.text(place))
            if body:
                texts[place] = body
        places = set(self.functions.values())
        if held & places:
            self._pick_functions(held, (dynamic & places) - {self.functions.get(b"__getattr__", -1)}, texts)
        return texts

    def _pick_functions(self, held: set[int], picked: set[int], texts: dict[int, bytes]) -> None:
        """Add functions that open or import by a computed name, and those that the module itself calls on its way."""
        calls = {place: self._called(place) for place in self.plain}
        waiting = set[int]().union(*calls.values())
        seen: set[int] = set()
        while waiting:
            place = waiting.pop()
            seen.add(place)
            inner = self._called(place)
            if place in held or inner - {place}:
                picked.add(place)
            waiting |= inner - seen
        texts.update({place: self.text(place) for place in picked})
        texts.update({place: self.text(place) for place, called in calls.items() if called & picked})

    def _called(self, place: int) -> set[int]:
        """Functions whose names a statement follows with a parenthesis."""
        start, end = self.bounds[place], self.bounds[place + 1]
        if self.data.find(b"(", start, end) < 0:
            return set()
        return {
            self.functions[name] for name in _CALLED.findall(self.data, start, end) if name in self.functions
        }

    def assigning(self, names: Iterable[str]) -> set[int]:
        """Statements that assign to one of these names."""
        wanted = {name.encode("utf-8", "surrogatepass") for name in names}
        found: set[int] = set()
        for place in self.plain:
            match = _ASSIGNED.match(self.data, self.bounds[place])
            if match is not None and match.group(1) in wanted:
                found.add(place)
        return found

    def calling(self, names: Iterable[str]) -> set[int]:
        """Statements that do nothing but call one of these names, or keep what it returns."""
        wanted = {name.encode("utf-8", "surrogatepass") for name in names}
        found: set[int] = set()
        for place in self.plain:
            match = _CALLING.match(self.data, self.bounds[place])
            if match is not None and match.group(1) in wanted:
                found.add(place)
        return found


def _bounds(data: bytes, spans: list[tuple[int, int]]) -> list[int]:
    """Offsets at which the statements begin, and the end."""
    bounds = [0]
    place = 0
    last = len(spans)
    decorated = data[:1] == b"@"
    for found in _START.finditer(data):
        start = found.end()
        while place < last and spans[place][1] <= start:
            place += 1
        if place < last and spans[place][0] < start:
            continue
        if decorated:
            decorated = data[start] == 64
            continue
        if data[start] in b"ef" and data.startswith(_GLUED, start):
            continue
        decorated = data[start] == 64
        bounds.append(start)
    bounds.append(len(data))
    return bounds


def _after_decorator(data: bytes, start: int, end: int) -> int:
    """Where the line after this decorator begins: a further decorator, or the definition."""
    found = _START.search(data, start, end)
    return found.end() if found else start + 1


def _class_body(text: bytes) -> bytes:
    """The statements of a class body that can matter, under an `if` that is always true; empty where none does."""
    first = _INDENTED.search(text)
    if first is None or not _inner(first.group(1)).search(text):
        return b""
    spans = strings(text) or []
    begins = [
        found.start() + 1
        for found in re.finditer(rb"\n" + first.group(1) + rb"(?=[^\s#)\]}])", text)
        if not any(start <= found.end() < end for start, end in spans)
    ]
    picked: list[bytes] = []
    lines = 0
    for start, end in zip(begins, [*begins, len(text)][1:], strict=True):
        inner = text[start:end].lstrip()
        if _HEAD.match(inner) is None and _DOC.match(inner) is None and _WORD.search(inner):
            gap = text.count(b"\n", 0, start) - 1 - lines
            picked.append(b"\n" * gap + text[start:end])
            lines += gap + text.count(b"\n", start, end)
    return b"if 1:\n" + b"".join(picked) if picked else b""


@cache
def _inner(indent: bytes) -> re.Pattern[bytes]:
    """A line at this indent that begins an import or a compound statement, or assigns what it opens."""
    return re.compile(
        rb"\n" + indent + rb"(?:import|from|try|if|with|for|while)\b|"
        rb"\n" + indent + rb"\w[^\n]*(?:DLL|LoadLibrary|dlopen|find_library|import_module|__import__)"
    )


def imports(text: bytes) -> list[list[Any]] | None:
    """A plain import statement without its syntax tree, in the same lowered form; None for anything else."""
    if text[0] not in b"if" or b";" in text:
        return None
    words = _NOISE.sub(b" ", text).split()
    try:
        if words[0] == b"import":
            return [_plain_import(item.split()) for item in b" ".join(words[1:]).split(b",")]
        if words[0] == b"from":
            at = words.index(b"import")
            module = b"".join(words[1:at])
            items = [item.split() for item in b" ".join(words[at + 1 :]).split(b",") if item.strip()]
            return _from_import(module.decode("ascii"), items)
    except (UnicodeDecodeError, IndexError, ValueError):
        return None
    return None


def _aliased(words: list[bytes]) -> tuple[str, str]:
    """`name` or `name as other`: what is imported, and the local name."""
    if len(words) not in (1, 3) or (len(words) == 3 and words[1] != b"as"):
        raise ValueError
    return words[0].decode("ascii"), words[-1].decode("ascii")


def _plain_import(words: list[bytes]) -> list[Any]:
    name, local = _aliased(words)
    bound = [local, name] if len(words) == 3 else [name.partition(".")[0]] * 2
    return ["import", name, [], [bound]]


def _from_import(module: str, items: list[list[bytes]]) -> list[list[Any]]:
    if module == "__future__":
        return []
    stem = module if module.endswith(".") else f"{module}."
    pairs = [_aliased(words) for words in items]
    binds = [[local, stem + name] for name, local in pairs if name != "*"]
    return [["import", module, [name for name, _ in pairs], binds]]

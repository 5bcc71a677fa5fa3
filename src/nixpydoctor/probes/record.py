"""Takes from a RECORD the few lines that matter here: objects, programs, and the names at the top.

A RECORD is CSV with paths relative to the folder of its dist-info (PyPA, Recording installed projects). Those of
one environment have tens of thousands of lines, so they are searched as bytes and not parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixpydoctor.light import dataclass

IS_OBJECT = re.compile(r"\.(?:so(?:\.\d[^/]*)?|dylib)\Z")
"""What a shared object's path ends with: `x.so`, `libx.so.1.2`, and on macOS `libx.1.dylib`."""

_FIRST = re.compile(rb"^([^/,\n]+)(?:,[^\n]*|/[^\n]*(?:\n\1/[^\n]*)*)", re.M)
"""The first component of a path. Lines that share one stand together as a rule, and are taken in one go."""
_WORDS = (re.compile(rb"\.so"), re.compile(rb"/bin/"))
"""What the path of an object or of a program holds. For so short a word `re` is twice as quick as `bytes.find`."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a RECORD lists, as it writes it."""

    objects: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    """Files of a `bin` folder outside of the site folder."""
    tops: frozenset[str] = frozenset()
    """First components of every path below the site folder."""
    sources: frozenset[str] = frozenset()
    """Those of `tops` that have Python code or an object somewhere below them."""


def read_record(data: bytes) -> Record:
    """The record in these bytes; a line that is no CSV is passed over."""
    if b'"' in data:  # some name has a comma, a quote or a newline
        return _record(list(_rows(data)))
    paths = {path for word in _WORDS for path in _paths_with(data, word)}
    blocks: dict[bytes, bool] = {}
    for block in _FIRST.finditer(data):
        blocks[block[1]] = blocks.get(block[1], False) or _has_code(block[1], data, *block.span())
    tops = {_text(top): code for top, code in blocks.items() if top != b".."}
    return Record(_objects(paths), _programs(paths), frozenset(tops), frozenset(top for top in tops if tops[top]))


def _record(paths: list[str]) -> Record:
    inside = [path for path in paths if not path.startswith(("../", "/"))]
    code = {path.partition("/")[0] for path in inside if path.endswith(".py") or IS_OBJECT.search(path)}
    tops = frozenset(path.partition("/")[0] for path in inside)
    return Record(_objects(set(paths)), _programs(set(paths)), tops, frozenset(code))


def _objects(paths: set[str]) -> tuple[str, ...]:
    return tuple(sorted(path for path in paths if IS_OBJECT.search(path)))


def _programs(paths: set[str]) -> tuple[str, ...]:
    programs = (path for path in paths if path.startswith(("../", "/")) and path.split("/")[-2:-1] == ["bin"])
    return tuple(sorted(programs))


def _paths_with(data: bytes, word: re.Pattern[bytes]) -> Iterator[str]:
    """The path of every line with `word` in it, in data without quotes."""
    end = -1
    for hit in word.finditer(data):
        at = hit.start()
        if at > end:
            start = data.rfind(b"\n", 0, at) + 1
            end = data.find(b"\n", at)
            end = len(data) if end < 0 else end
            yield _text(data[start:end].partition(b",")[0].rstrip(b"\r"))


def _has_code(top: bytes, data: bytes, start: int, end: int) -> bool:
    """Whether there is Python code or an object at or below `top`, going by the lines between two places."""
    if b"." in top:  # `numpy.libs`, `numpy-2.3.2.dist-info`: nothing that could be imported
        return top.endswith((b".py", b".so"))
    return data.find(b".py,", start, end) >= 0 or data.find(b".so,", start, end) >= 0


def _rows(data: bytes) -> Iterator[str]:
    import csv
    import io

    try:
        for row in csv.reader(io.StringIO(_text(data), newline="")):
            if row:
                yield row[0]
    except csv.Error:
        return


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")

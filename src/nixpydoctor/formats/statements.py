"""Reads plain import statements without a syntax tree: most files hold nothing else that matters."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from nixpydoctor.formats.strings import strings

LOADING = re.compile(
    rb"(?:\b|_)(?:pre)?(?:load|lib|dll|open|ffi|import|init|find|select|setup|require)|Load|Lib|Import"
)
"""What a function is called that is worth following into another module."""
IMPORTER = re.compile(rb"(?:\b|_)(?:import|load)|Import|Load")
"""What a function with an import inside is called that another module may call for it."""
_FLAGS = re.compile(rb"\n\w+[ \t]*=[^=\n][^\n]*(?:sys\.platform|os\.name|platform\.system\(|sys\.version_info)")
_RAISING = re.compile(rb"\n(?:if|try|with|for)\b[^\n]*(?:\n[ \t]+)?raise\b")
_NOISE = re.compile(r"#[^\n]*|[()\\]")
_INSIDE = re.compile(rb"(?:^|[:;])[ \t\f]*(?:import|from)[ \t]")
"""An import that is indented, or stands behind another statement of its line."""


def simple(data: bytes) -> list[bytes] | None:
    """The import statements of a source that has no others than plain ones in the first column.

    None where that is not certain at a glance: an import that is indented, another way to import, a `raise` under `if`.
    """
    if b"__import__" in data or _RAISING.search(data) or _FLAGS.search(data):
        return None
    found: list[bytes] = []
    at = data.find(b"import")
    last = 0
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        end = data.find(b"\n", at)
        line = data[start : end if end >= 0 else len(data)]
        at += 6
        if line.startswith((b"import ", b"from ")):
            if b"(" in line and b")" not in line:
                end = data.find(b")", at) + 1
                line = data[start:end]
            if not line or line.endswith(b"\\") or b"ctypes" in line or b"ffi" in line or b"importlib" in line:
                return None
            if line.startswith(b"from .") and LOADING.search(line, line.find(b"import") + 6):
                return None
            found.append(line)
            at = last = start + len(line)
        elif _INSIDE.search(line):
            return None
        at = data.find(b"import", at)
    spans = strings(data, last)
    if spans is None or any(b"import" in data[start:end] for start, end in spans):
        return None
    return found


@lru_cache(maxsize=4096)
def imports(text: bytes) -> list[list[Any]] | None:
    """A plain import statement without its syntax tree, in the same lowered form; None for anything else.

    Nobody changes what is returned: the same few statements open most files.
    """
    if text[0] not in b"if" or not text.isascii() or b";" in text:
        return None
    plain = text.decode("ascii")
    if "#" in plain or "(" in plain or "\\" in plain:
        plain = _NOISE.sub(" ", plain)
    if plain.startswith("from"):
        return _from(plain)
    if not plain.startswith("import "):
        return None
    steps: list[list[Any]] = []
    for item in plain[7:].split(","):
        pair = _aliased(item)
        if pair is None:
            return None
        steps.append(["import", pair[0], [], pair[1] if " as " in item else ""])
    return steps


def _from(plain: str) -> list[list[Any]] | None:
    module, found, tail = plain[4:].partition(" import ")
    module = module.strip()
    if module == "__future__":
        return []
    if not found or " " in module:
        return None
    pairs = [_aliased(item) for item in tail.split(",") if not item.isspace()]
    return None if None in pairs else [["import", module, pairs, ""]]


def _aliased(item: str) -> list[str] | None:
    """`name` or `name as other`: what is imported, and the local name."""
    words = item.split()
    if len(words) == 1:
        return [words[0], words[0]]
    return [words[0], words[2]] if len(words) == 3 and words[1] == "as" else None

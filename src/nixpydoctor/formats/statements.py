"""Reads plain import statements without a syntax tree: most files hold nothing else that matters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

LOADING = re.compile(
    rb"(?:\b|_)(?:pre)?(?:load|lib|dll|open|ffi|import|init|find|select|setup|require)|Load|Lib|Import"
)
"""What a function is called that is worth following into another module."""
IMPORTER = re.compile(rb"(?:\b|_)(?:import|load)|Import|Load")
"""What a function with an import inside is called that another module may call for it."""
IDLE = re.compile(rb"if\s+\(?\s*(?:\w+\.)?(?:TYPE_CHECKING\s*:|__name__\s*==\s*['\"]__main__['\"]\s*\)?\s*:)")
"""What is never executed when the module is imported."""
FLAGS = (b"sys.platform", b"os.name", b"platform.system(", b"sys.version_info")
"""What tells the platform or the version."""
OPENERS = (
    b"CDLL", b"PyDLL", b"LoadLibrary", b"dlopen", b"find_library", b"import_module", b"__import__", b"FFI",
)  # fmt: skip
"""What opens a library, or imports by a computed name."""
_NOISE = re.compile(r"#[^\n]*|[()\\]")


def openers(data: bytes, others: Iterable[bytes] = ()) -> list[int]:
    """Where something is named that opens a library, or imports by a computed name; `others` do so as well."""
    found: list[int] = []
    for word in (*OPENERS, *others):
        at = data.find(word)
        while at >= 0:
            after = at + len(word)
            if not _is_word(data[at - 1 : at]) and not _is_word(data[after : after + 1]):
                found.append(at)
            at = data.find(word, after)
    return found


def raises_plainly(text: bytes, at: int = 0) -> bool:
    """Whether a function may raise whatever happens: handlers of other modules may call it for that.

    `at`: where the word itself stands first.
    """
    at = text.find(b"raise", at)
    while at >= 0:
        if text[max(at - 5, 0) : at] == b"\n    " or text[max(at - 2, 0) : at] == b"\n\t":
            return True
        at = text.find(b"raise", at + 5)
    return False


def _is_word(character: bytes) -> bool:
    return character.isalnum() or character == b"_"


@lru_cache(maxsize=4096)
def imports(text: bytes) -> list[list[Any]] | None:
    """A plain import statement without its syntax tree, in the same lowered form; None for anything else.

    Nobody changes what is returned: the same few statements open most files.
    """
    if text[0] not in b"if" or not text.isascii() or b";" in text:
        return None
    plain = text.decode("ascii")
    if plain.count("(") != plain.count(")"):
        return None  # cut off before its end
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

"""Text that came from a machine, made fit for people to read: escaped, shortened, counted, wrapped.

Names of files and packages are chosen by strangers. Nothing of them may move the cursor, forge a line or reverse the
direction of writing (Unicode Technical Report #36, 3.6).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

_HASH = re.compile(r"(/nix/store/[0-9a-df-np-sv-z]{4})[0-9a-df-np-sv-z]{28}(?=-)")
"""The 32 characters of Nix's own base 32, after the store's path."""
_WIDE_SIGNS = str.maketrans({"…": "...", "·": "|", "→": "->", "—": "-", "’": "'"})


def escape(text: str) -> str:
    """`text` with every unprintable character written out: `\\n`, `\\x1b`, `\\u202e`; raw bytes as `\\xff`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _written(char) for char in text)


def _written(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8 (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii") if code < 0xD800 or code > 0xDFFF else f"\\u{code:04x}"


def escape_lines(text: str) -> list[str]:
    """The lines of a text whose own line ends are meant, each escaped."""
    return [escape(line) for line in text.expandtabs(4).split("\n")]


def short(text: str, home: str | None) -> str:
    """Escaped, with store hashes cut to four characters and the home folder as `~`."""
    text = at_home(escape(text), home)
    return _HASH.sub(r"\1…", text) if "/nix/store/" in text else text


def at_home(text: str, home: str | None) -> str:
    """`text` with the home folder as `~`."""
    if not home or home == "/" or home not in text:
        return text
    return re.sub(rf"(?<![^\s:'\"(=]){re.escape(home.rstrip('/'))}(?=$|[/\s:'\"),])", "~", text)


def argument(path: str, home: str | None) -> str:
    """`path` as a shell takes it: store hashes whole, and `~` only where no quotes would keep it a letter."""
    quoted = shlex.quote(path)
    return at_home(quoted, home) if quoted == path else escape(quoted)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def fitted(items: Sequence[str], width: int) -> str:
    """As many items as fit into `width`, with commas, and how many more there are."""
    used = 0
    for shown, item in enumerate(items):
        rest = len(items) - shown - 1
        tail = len(f", +{rest} more") if rest else 0
        used += len(item) + (2 if shown else 0)
        if used + tail > width and shown:
            return ", ".join(items[:shown]) + f", +{len(items) - shown} more"
    return ", ".join(items)


def wrapped(words: Iterable[str], width: int, first: str = "", rest: str = "") -> list[str]:
    """Lines no longer than `width` where words allow it; a word is never broken, so paths stay whole."""
    lines, line, empty = [], first, True
    for word in words:
        if not empty and len(line) + 1 + len(word) > width:
            lines.append(line)
            line, empty = rest, True
        line += word if empty else f" {word}"
        empty = False
    return [*lines, line]


def plain_signs(text: str) -> str:
    """`text` for an output that can write ASCII only."""
    return text.translate(_WIDE_SIGNS)

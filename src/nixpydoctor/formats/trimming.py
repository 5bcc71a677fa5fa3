"""Leaves out of a class what cannot matter to an import: methods that neither import, nor open, nor call one that does.

What is left out leaves its line ends behind: line numbers stay true.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nixpydoctor.formats.indented import BODY
from nixpydoctor.formats.strings import strings, within

_METHOD = re.compile(rb"[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)")
_TEXT = re.compile(rb"[ \t]*[rRbBuU]{0,2}['\"]")
_PASS = b"pass"


def trimmed(text: bytes, acts: Callable[[bytes], bool]) -> bytes:
    """The same class without the methods that do not matter; `acts` tells of a method's text whether it does itself."""
    start = text.find(b"\nclass ") + 1 if text[:1] == b"@" else 0
    body = BODY.match(text, start)
    spans = strings(text, len(text))
    if body is None or spans is None:
        return text
    indent = body.group(1)
    begins = [found.start() + 1 for found in re.finditer(rb"\n" + indent + rb"(?=[^\s#)\]}])", text[start:])]
    begins = [start + at for at in begins if not within(spans, start + at)]
    pieces = _pieces(text, begins)
    methods = [_METHOD.search(piece) if _is_method(piece, indent) else None for piece in pieces]
    kept = {place for place, piece in enumerate(pieces) if methods[place] is None or acts(piece)}
    waiting = [method for place, method in enumerate(methods) if method is not None and place in kept]
    while waiting:
        called = waiting.pop().group(1) + b"("
        for place, method in enumerate(methods):
            if method is not None and place not in kept and called in pieces[place]:
                kept.add(place)
                waiting.append(method)
    parts = [text[: begins[0]] if begins else text]
    for place, piece in enumerate(pieces):
        if place in kept and not _TEXT.match(piece):
            parts.append(piece)
        else:
            parts.append(indent + _PASS + b"\n" * piece.count(b"\n"))
    return b"".join(parts)


def _pieces(text: bytes, begins: list[int]) -> list[bytes]:
    """The statements of the body, each with what decorates it."""
    pieces: list[bytes] = []
    decorators = b""
    for at, end in zip(begins, [*begins[1:], len(text)], strict=True):
        piece = decorators + text[at:end]
        decorators = b""
        if text[at:end].lstrip().startswith(b"@"):
            decorators = piece
        else:
            pieces.append(piece)
    return pieces


def _is_method(piece: bytes, indent: bytes) -> bool:
    head = piece[len(indent) :]
    while head.startswith(b"@"):
        end = head.find(b"\n" + indent)
        head = head[end + 1 + len(indent) :] if end >= 0 else b""
    return head.startswith((b"def ", b"async def "))

"""Takes strings out of an ELF object's string table (gABI, chapter 4): many at once, no more of it than they need."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from nixpydoctor.formats.headers import Read

MAX_STRINGS = 1 << 27
"""Bytes from the first to the last string that is asked for: a file with holes may promise any number."""
USUAL_NAME, MAX_NAME = 1 << 8, 1 << 14
DENSE = 64
"""Bytes of a table for each string that is asked for, below which it is cheaper to take all of it apart."""

_ASKED = 2
_BEGIN = bytes(byte == 0 for byte in range(256))
_IS_ASKED = bytes(byte == _ASKED for byte in range(256))


def strings(read: Read, table: int, offsets: Sequence[int]) -> list[bytes]:
    """The strings at these offsets of the table that begins at `table`; none where they are too far apart."""
    if not offsets:
        return []
    first, last = min(offsets), max(offsets)
    if last - first > MAX_STRINGS:
        return []
    text = _text(read, table + first, last - first)
    find = text.find
    return [text[at - first : find(b"\0", at - first)] for at in offsets]


def distinct(read: Read, table: int, offsets: Sequence[int]) -> list[bytes]:
    """The same strings, each offset once, in an order that depends on the table alone.

    Where they fill a good part of the table it is taken apart as a whole: a row of bytes tells where strings begin and
    which of them are asked for; what is left of it when all other bytes are thrown away goes by strings.
    """
    last = max(offsets, default=0)
    if last > DENSE * len(offsets):
        return strings(read, table, sorted(set(offsets)))
    text = _text(read, table, last)
    if last >= len(text):  # beyond the end of the file
        return strings(read, table, sorted(set(offsets)))
    text = b"\0" + text[: text.index(b"\0", last)]
    row = bytearray(text.translate(_BEGIN))
    for at in offsets:
        row[at] = _ASKED
    texts = text[1:].split(b"\0")
    asked = row.translate(_IS_ASKED, b"\0")
    if len(asked) == len(texts):
        return list(compress(texts, asked))
    inside = sorted({at for at in offsets if text[at]})  # the end of another string, as `printf` is of `fprintf`
    for at in inside:
        row[at] = 0
    return [*compress(texts, row.translate(_IS_ASKED, b"\0")), *strings(read, table, inside)]


def _text(read: Read, place: int, last: int) -> bytes:
    """Strings that stand in a row, the last one of which begins at `last`; an open end is an end."""
    text = read(place, last + USUAL_NAME)
    if text.find(b"\0", last) < 0:
        text = read(place, last + MAX_NAME)
    return text + b"\0"

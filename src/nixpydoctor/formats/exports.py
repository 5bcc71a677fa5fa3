"""Tells whether an ELF object defines one symbol, by the hash table that a loader would use, in a handful of reads.

The tables are DT_GNU_HASH (glibc's elf/dl-lookup.c, do_lookup_x) and the gABI's DT_HASH. A thousand objects are asked,
some of hundreds of megabytes: nothing is read that the look-up does not need.
"""

from __future__ import annotations

from struct import error, unpack_from

from nixpydoctor.formats.deep import defines
from nixpydoctor.formats.hashes import gnu_hash
from nixpydoctor.formats.headers import (
    ABSENT,
    HEAD,
    Read,
    RefusedError,
    Segments,
    Tags,
    dynamic_section,
    program_headers,
)

DT_HASH, DT_STRTAB, DT_SYMTAB, DT_GNU_HASH = 4, 5, 6, 0x6FFFFEF5
MAX_CHAIN = 1 << 12
"""Symbols looked at in one bucket: an honest table holds a few."""
_WINDOW = 64


def exports(read: Read, size: int, symbol: str) -> bool | None:
    """Whether the object defines `symbol`; None where the file is no object that a loader would take."""
    try:
        head = read(0, HEAD)
        segments = program_headers(read, head, size)
        tags, _ = dynamic_section(read, head, segments)
        if tags.pick((DT_GNU_HASH, DT_HASH)) == [ABSENT, ABSENT]:
            return defines(read, size, symbol)
        return _Table(read, segments, tags).defines(symbol.encode("utf-8", "surrogateescape"))
    except (RefusedError, error):
        return None


class _Table:
    """The dynamic symbol table of one object."""

    def __init__(self, read: Read, segments: Segments, tags: Tags) -> None:
        self._read = read
        self._segments = segments
        self._tags = tags
        self._order = segments.shape.order
        self._wide = segments.shape.bits == 64

    def defines(self, symbol: bytes) -> bool:
        strings, symbols = self._place(DT_STRTAB), self._place(DT_SYMTAB)
        if strings is None or symbols is None:
            return False
        for tag, indices in ((DT_GNU_HASH, self._gnu), (DT_HASH, self._sysv)):
            place = self._place(tag)
            if place is not None:
                return any(self._is(index, symbol, symbols, strings) for index in indices(place, symbol))
        return False

    def _place(self, tag: int) -> int | None:
        return self._segments.offset(self._tags.get(tag))

    def _is(self, index: int, symbol: bytes, symbols: int, strings: int) -> bool:
        entry = 24 if self._wide else 16
        layout = f"{self._order}IBBH" if self._wide else f"{self._order}I8xBBH"
        name, _, _, section = unpack_from(layout, self._read(symbols + index * entry, entry))
        return section != 0 and self._read(strings + name, len(symbol) + 1) == symbol + b"\0"

    def _gnu(self, place: int, symbol: bytes) -> list[int]:
        """Indices of symbols with the same hash."""
        number = gnu_hash(symbol)
        buckets, first, words, shift = self._numbers(place, 4)
        if not buckets or not words:
            return []
        bits = 64 if self._wide else 32
        bloom = place + 16
        word = unpack_from(f"{self._order}{'Q' if self._wide else 'I'}", self._read(
            bloom + number // bits % words * (bits // 8), bits // 8))[0]  # fmt: skip
        if not word >> (number % bits) & word >> ((number >> shift) % bits) & 1:
            return []
        table = bloom + words * (bits // 8)
        (index,) = self._numbers(table + number % buckets * 4, 1)
        if index < first:
            return []
        return self._alike(table + buckets * 4 + (index - first) * 4, index, number)

    def _alike(self, place: int, index: int, number: int) -> list[int]:
        out: list[int] = []
        for start in range(0, MAX_CHAIN, _WINDOW):
            data = self._read(place + start * 4, _WINDOW * 4)
            for step, value in enumerate(unpack_from(f"{self._order}{len(data) // 4}I", data)):
                if value | 1 == number | 1:
                    out.append(index + start + step)
                if value & 1:
                    return out
            if len(data) < _WINDOW * 4:
                break
        return out

    def _sysv(self, place: int, symbol: bytes) -> list[int]:
        """Indices of the symbols in the same bucket."""
        number = 0
        for byte in symbol:
            number = (number << 4) + byte
            high = number & 0xF0000000
            number = (number ^ high >> 24) & 0x0FFFFFFF
        buckets, _ = self._numbers(place, 2)
        if not buckets:
            return []
        (index,) = self._numbers(place + 8 + number % buckets * 4, 1)
        out: list[int] = []
        while index and len(out) < MAX_CHAIN:
            out.append(index)
            (index,) = self._numbers(place + 8 + (buckets + index) * 4, 1)
        return out

    def _numbers(self, place: int, count: int) -> tuple[int, ...]:
        return unpack_from(f"{self._order}{count}I", self._read(place, count * 4))

"""Reads what only a few files need: which module initialisers an object exports.

CPython finds an extension module by the symbol `PyInit_<name>` (PEP 489, "Export Hook Name"). The number of dynamic
symbols stands in no tag, so it is taken from the hash tables (gABI; GNU hash section). pyelftools, which goes by
section headers, is asked only where an object has neither table.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from struct import Struct, error, unpack_from
from typing import IO, cast

from nixpydoctor.formats.headers import (
    DT_STRSZ,
    DT_STRTAB,
    HEAD,
    Read,
    RefusedError,
    Segments,
    dynamic_section,
    program_headers,
)

DT_HASH, DT_SYMTAB, DT_GNU_HASH = 4, 6, 0x6FFFFEF5
STB_LOCAL, SHN_UNDEF = 0, 0
CHUNK = 1 << 20
MAX_STRINGS = 1 << 28
"""A string table beyond this is not a string table."""
MAX_SYMBOLS = 1 << 22

INITIALISER = re.compile(rb"\0(PyInit_\w{1,250})(?=\0)")


def exported_inits(read: Read, size: int) -> tuple[str, ...]:
    """Names of the `PyInit_*` symbols that the object defines, sorted; empty for what is no object."""
    try:
        head = read(0, HEAD)
        segments = program_headers(read, head, size)
        tags, _ = dynamic_section(read, head, segments)
        return _initialisers(read, size, segments, tags)
    except (RefusedError, error):
        return ()


def _initialisers(read: Read, size: int, segments: Segments, tags: dict[int, int]) -> tuple[str, ...]:
    strings = segments.offset(tags.get(DT_STRTAB, -1))
    symbols = segments.offset(tags.get(DT_SYMTAB, -1))
    if strings is None or symbols is None:
        return ()
    names = dict(_mentioned(read, strings, min(tags.get(DT_STRSZ, 0), size - strings, MAX_STRINGS)))
    if not names:
        return ()
    count = _symbol_count(read, segments, tags)
    if count is None:
        return _by_sections(read, size)
    layout = Struct(f"{segments.shape.order}IBBHQQ" if segments.shape.bits == 64 else f"{segments.shape.order}IIIBBH")
    found = {names[name] for name in _defined(read, symbols, min(count, MAX_SYMBOLS), layout) if name in names}
    return tuple(sorted(found))


def _mentioned(read: Read, strings: int, size: int) -> Iterator[tuple[int, str]]:
    """(offset in the string table, name) of everything there that is named like an initialiser."""
    for start in range(0, size, CHUNK):
        for match in INITIALISER.finditer(read(strings + start, CHUNK + 300)):
            yield start + match.start(1), match[1].decode("utf-8", "surrogateescape")


def _defined(read: Read, symbols: int, count: int, layout: Struct) -> Iterator[int]:
    """Name offsets of the symbols that the object itself defines for others."""
    rows = CHUNK // layout.size
    for start in range(0, count, rows):
        data = read(symbols + start * layout.size, min(rows, count - start) * layout.size)
        for fields in layout.iter_unpack(data[: len(data) // layout.size * layout.size]):
            name = fields[0]
            info, section = (fields[1], fields[3]) if layout.size == 24 else (fields[3], fields[5])
            if section != SHN_UNDEF and info >> 4 != STB_LOCAL:
                yield name


def _symbol_count(read: Read, segments: Segments, tags: dict[int, int]) -> int | None:
    """How many dynamic symbols there are; None where no hash table tells."""
    order = segments.shape.order
    plain = segments.offset(tags.get(DT_HASH, -1))
    if plain is not None:
        count: int = unpack_from(f"{order}II", read(plain, 8))[1]
        return count
    table = segments.offset(tags.get(DT_GNU_HASH, -1))
    if table is None:
        return None
    buckets, first, bloom, _ = unpack_from(f"{order}IIII", read(table, 16))
    place = table + 16 + bloom * segments.shape.bits // 8
    if buckets > MAX_SYMBOLS:
        return None
    last = max(unpack_from(f"{order}{buckets}I", read(place, 4 * buckets)), default=0)
    chains = place + 4 * buckets
    while first <= last < MAX_SYMBOLS:  # a chain ends at a hash whose lowest bit is set
        data = read(chains + 4 * (last - first), 256)
        hashes = unpack_from(f"{order}{len(data) // 4}I", data)
        ends = [at for at, value in enumerate(hashes) if value & 1]
        if ends or not hashes:
            return int(last + (ends[0] if ends else 0) + 1)
        last += len(hashes)
    return int(first)


def _by_sections(read: Read, size: int) -> tuple[str, ...]:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    try:
        sections = [
            s
            for s in ELFFile(cast(IO[bytes], _Stream(read, size))).iter_sections()
            if isinstance(s, SymbolTableSection)
        ]
        return tuple(
            sorted(
                {
                    symbol.name
                    for section in sections
                    for symbol in section.iter_symbols()
                    if symbol.name.startswith("PyInit_")
                    and symbol["st_shndx"] != "SHN_UNDEF"
                    and symbol["st_info"]["bind"] != "STB_LOCAL"
                }
            )
        )
    except (ELFError, UnicodeDecodeError, ValueError, KeyError, error):  # what it raises on odd files
        return ()


class _Stream(io.RawIOBase):
    """`read(offset, size)` as the seekable stream that pyelftools wants."""

    def __init__(self, read: Read, size: int) -> None:
        super().__init__()
        self._read = read
        self._size = size
        self._at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = min(max(start + offset, 0), self._size)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        data = self._read(self._at, self._size - self._at if size < 0 else min(size, self._size - self._at))
        self._at += len(data)
        return data

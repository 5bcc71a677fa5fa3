"""Reads what only an odd file needs, by its section headers: the one user of pyelftools while the tool runs."""

from __future__ import annotations

import io
from struct import error
from typing import IO, cast

from nixpydoctor.formats.headers import Read


def defines(read: Read, size: int, symbol: str) -> bool:
    """Whether an object without a hash table defines `symbol` for others; False for what pyelftools cannot read."""
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    try:
        return any(
            entry["st_shndx"] != "SHN_UNDEF" and entry["st_info"]["bind"] != "STB_LOCAL"
            for section in ELFFile(cast(IO[bytes], _Stream(read, size))).iter_sections()
            if isinstance(section, SymbolTableSection)
            for entry in section.get_symbol_by_name(symbol) or ()
        )
    except (ELFError, UnicodeDecodeError, ValueError, KeyError, error):  # what it raises on odd files
        return False


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

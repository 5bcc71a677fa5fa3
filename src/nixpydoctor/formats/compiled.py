"""Reads from a compiled module's strings what it imports from C when it is imported.

numpy's `import_array()` (`numpy/__multiarray_api.h`) leaves the dotted name of the module it imports in the read-only
data of whoever calls it. Several spellings stand side by side, one per numpy release: which exists decides.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from nixpydoctor.edges import Attempt, Handler, Import, Source, Step

_SPELLINGS = ("numpy._core._multiarray_umath", "numpy.core._multiarray_umath")
_COMMON = b"core._multiarray_umath"
"""A part of each: megabytes are looked through, and each word costs as much as reading them."""
_PIECE = 1 << 17
"""Bytes that are looked through at once: memory that is used again and again is faster than four fresh megabytes."""
_LIMIT = 1 << 22
"""Bytes of read-only data above which it is a whole library that is compiled in: no place to look for a name."""


def imported(read: Callable[[int, int], bytes], size: int) -> Source:
    """What the module at hand imports from C, as far as its strings tell."""
    found: list[str] = []
    for offset, length in _rodata(read, size):
        for at in range(offset, offset + length if length <= _LIMIT else offset, _PIECE):
            data = read(at, min(_PIECE + len(_SPELLINGS[0]), offset + length - at))
            if _COMMON in data:
                found.extend(name for name in _SPELLINGS if name.encode() + b"\0" in data and name not in found)
    steps: tuple[Step, ...] = ()
    for name in reversed([name for name in _SPELLINGS if name in found]):
        one = Import(name)
        steps = (Attempt((one,), (Handler(("ModuleNotFoundError",), "", steps),)),) if steps else (one,)
    return Source(steps)


def _rodata(read: Callable[[int, int], bytes], size: int) -> list[tuple[int, int]]:
    """Offset and size of each section of constant data (elf(5)); of the whole file where the headers tell nothing."""
    head = read(0, 64)
    if len(head) < 64 or head[:4] != b"\x7fELF" or head[4] not in (1, 2) or head[5] not in (1, 2):
        return []
    order = "<" if head[5] == 1 else ">"
    if head[4] == 2:
        table, step, count = (
            struct.unpack_from(f"{order}Q", head, 40)[0],
            *struct.unpack_from(f"{order}HH", head, 58),
        )
        layout, wide = f"{order}IIQQQQ", 64
    else:
        table, step, count = (
            struct.unpack_from(f"{order}I", head, 32)[0],
            *struct.unpack_from(f"{order}HH", head, 46),
        )
        layout, wide = f"{order}IIIIII", 40
    if step != wide or not 0 < count < 4096 or table + step * count > size:
        return [(0, size)]
    headers = read(table, step * count)
    found: list[tuple[int, int]] = []
    for place in range(0, len(headers) - step + 1, step):
        _, kind, flags, _, offset, length = struct.unpack_from(layout, headers, place)
        if kind == 1 and flags & 2 and not flags & 4 and offset < size:
            found.append((offset, min(length, size - offset)))
    return found or [(0, size)]

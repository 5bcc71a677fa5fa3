"""The hash by which DT_GNU_HASH finds a symbol's name (`dl_new_hash` in glibc's elf/dl-hash.h)."""

from __future__ import annotations

_FACTOR, _MASK = 33, 0xFFFFFFFF
_SEED = b"4v2"
"""What the loader begins with, 5381, to the base 33."""
_DIGITS = b"0123456789abcdefghijklmnopqrstuvw"
_ONES = bytes([_DIGITS[byte % _FACTOR] for byte in range(256)])
_CARRIES = bytes([_DIGITS[byte // _FACTOR] for byte in range(256)])
_PIECE = 512
"""Python refuses to read numbers of thousands of digits."""


def gnu_hash(name: bytes) -> int:
    """The 32-bit hash of a name: a number whose digits to the base 33 are its bytes.

    Python reads numbers to this base faster than any loop works one out, once each byte is a digit and what it carries.
    """
    if len(name) > _PIECE:
        start = gnu_hash(name[:-_PIECE]) * pow(_FACTOR, _PIECE, _MASK + 1)
        name, seed = name[-_PIECE:], b"0"
    else:
        start, seed = 0, _SEED
    number = int(seed + name.translate(_ONES), _FACTOR) + int(b"0" + name.translate(_CARRIES), _FACTOR) * _FACTOR
    return start + number & _MASK

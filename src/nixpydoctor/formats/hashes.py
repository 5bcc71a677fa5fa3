"""The hash by which DT_GNU_HASH finds a symbol's name (`dl_new_hash` in glibc's elf/dl-hash.h)."""

from __future__ import annotations

from functools import lru_cache
from operator import mul

_SEED, _FACTOR, _MASK = 5381, 33, 0xFFFFFFFF


def gnu_hash(name: bytes) -> int:
    """The 32-bit hash of a name: a number whose digits to the base 33 are its bytes, worked out without a loop."""
    powers = _powers(len(name))
    number: int = sum(map(mul, name, powers), _SEED * _FACTOR * powers[0] if powers else _SEED)
    return number & _MASK


@lru_cache(1 << 10)
def _powers(length: int) -> tuple[int, ...]:
    """Powers of 33 for the bytes of a name, the first byte's first."""
    return tuple([pow(_FACTOR, place, _MASK + 1) for place in range(length - 1, -1, -1)])

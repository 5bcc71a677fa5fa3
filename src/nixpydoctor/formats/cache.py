"""Reads an ld.so.cache into its entries, in the order in which the loader meets them.

The layout is that of glibc's sysdeps/generic/dl-cache.h: the `glibc-ld.so.cache1.1` part, which a file of the days
before it may precede, and an extension directory that names the glibc-hwcaps folders.
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct, error, unpack_from
from typing import Final

from nixpydoctor.facts import Arch, CacheEntry, FsPath

OLD_MAGIC = b"ld.so-1.7.0\0"
NEW_MAGIC = b"glibc-ld.so.cache1.1"
OLD_ENTRY_SIZE: Final = 12
HEADER_SIZE: Final = 48
EXTENSION_MAGIC: Final = 0xEAA42174
TAG_HWCAPS: Final = 1
HWCAP_EXTENSION: Final = 1 << 62
"""Set in an entry's hwcap field where its low half numbers a glibc-hwcaps folder."""

USABLE_FLAGS: Mapping[tuple[int, int], tuple[int, ...]] = {
    (62, 64): (0x0303,),
    (62, 32): (0x0803,),
    (3, 32): (0x0003,),
    (183, 64): (0x0A03,),
    (40, 32): (0x0903, 0x0003),
    (243, 64): (0x1003,),
    (21, 64): (0x0503,),
    (22, 64): (0x0403,),
    (258, 64): (0x1103,),
}
"""(e_machine, bits) → the flags of cache entries that this loader takes (`_dl_cache_check_flags`, dl-cache.h)."""


def usable(flags: int, arch: Arch) -> bool:
    """Whether a loader for `arch` takes an entry with these flags. For a machine without a table entry: any."""
    wanted = USABLE_FLAGS.get((arch.machine, arch.bits))
    return wanted is None or flags in wanted


def parse_cache(data: bytes) -> tuple[CacheEntry, ...]:
    """Every entry of the cache file with these bytes; raises `ValueError` with a sentence where it is corrupt."""
    start = _start(data)
    try:
        return _entries(data, start)
    except error:
        raise ValueError("the cache is cut off") from None


def _start(data: bytes) -> int:
    if data.startswith(NEW_MAGIC):
        return 0
    if not data.startswith(OLD_MAGIC):
        raise ValueError("the file is not an ld.so.cache")
    if len(data) < 16:
        raise ValueError("the cache is cut off")
    count: int = unpack_from("=I", data, 12)[0]
    end = 16 + OLD_ENTRY_SIZE * count
    aligned = end + -end % 8
    if not data.startswith(NEW_MAGIC, aligned):
        raise ValueError("the cache has only the format from before glibc 2.2, which is not read")
    return aligned


def _order(data: bytes, start: int) -> str:
    """The byte order: its flag since glibc 2.33, before that the one in which the entry count makes sense."""
    flag = data[start + 28] & 3 if len(data) > start + 28 else 0
    if flag:
        return ">" if flag == 3 else "<"
    room = (len(data) - start) // 24
    return "<" if unpack_from("<I", data, start + 20)[0] <= room else ">"


def _entries(data: bytes, start: int) -> tuple[CacheEntry, ...]:
    order = _order(data, start)
    count, _, _, extension = unpack_from(f"{order}IIB3xI", data, start + 20)
    entry = Struct(f"{order}iIIIQ")
    end = start + HEADER_SIZE + count * entry.size
    if end > len(data):
        raise ValueError("the cache is cut off")
    folders = _hwcap_folders(data, start, extension, order)
    out: list[CacheEntry] = []
    for flags, soname, path, _, hwcap in entry.iter_unpack(data[start + HEADER_SIZE : end]):
        folder = None
        if hwcap & HWCAP_EXTENSION:
            index = hwcap & 0xFFFFFFFF
            if index >= len(folders):
                raise ValueError("the cache names a glibc-hwcaps folder that it does not list")
            folder = folders[index]
        elif hwcap:
            folder = f"hwcap {hwcap:#x}"  # from before glibc 2.33: a folder that no loader since then takes from here
        out.append(CacheEntry(_text(data, start + soname), FsPath(_text(data, start + path)), flags, folder))
    return tuple(out)


def _hwcap_folders(data: bytes, start: int, extension: int, order: str) -> tuple[str, ...]:
    """Names of the glibc-hwcaps folders, by number."""
    if not extension:
        return ()
    magic, sections = unpack_from(f"{order}II", data, extension)
    if magic != EXTENSION_MAGIC:
        raise ValueError("the cache's extension directory has no magic number")
    section = Struct(f"{order}IIII")
    for number in range(min(sections, 64)):
        tag, _, offset, size = section.unpack_from(data, extension + 8 + number * section.size)
        if tag == TAG_HWCAPS:
            places = unpack_from(f"{order}{size // 4}I", data, offset)
            return tuple(_text(data, start + place) for place in places)
    return ()


def _text(data: bytes, offset: int) -> str:
    end = data.find(b"\0", offset, offset + 4096)
    if end < 0:
        raise ValueError("the cache holds a string without an end")
    return data[offset:end].decode("utf-8", "surrogateescape")

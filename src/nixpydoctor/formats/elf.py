"""Reads an ELF file's headers, dynamic section and version tables into the noun `Elf`, with a handful of small reads.

The layout is that of elf(5) and of the gABI's chapter on dynamic linking; version tables follow the LSB. Every count is
bounded, every string too: a hostile file costs no more than a large honest one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import compress
from struct import error
from typing import Any, TypeVar

from nixpydoctor.facts import Arch, Elf, FsPath, Unread, VersionNeed
from nixpydoctor.formats.headers import (
    ABSENT,
    DT_VERDEF,
    HEAD,
    OTHER_CLASS,
    Dynamic,
    Read,
    RefusedError,
    Shape,
    dynamic_section,
    program_headers,
)

Walked = TypeVar("Walked")
Plain = tuple[Any, ...]

MAX_TABLE = 1 << 20
MAX_STRING = 1 << 12
"""PATH_MAX: nothing longer can be opened."""
MAX_SEARCH_PATH = 1 << 17
MAX_VERSIONS = 1 << 13
TABLE_SIZES = (1 << 10, 1 << 14, MAX_TABLE)
"""Nearly every version table fits into the first, those of C libraries into the second."""
GAP = 1 << 12
"""Strings closer together than this are fetched by one read."""

DT_STRTAB, DT_SONAME, DT_RPATH, DT_RUNPATH, DT_FLAGS = 5, 14, 15, 29, 30
DT_FLAGS_1, DT_VERNEED = 0x6FFFFFFB, 0x6FFFFFFE
_TAGS = (DT_VERNEED, DT_VERDEF, DT_STRTAB, DT_FLAGS, DT_FLAGS_1, DT_SONAME, DT_RPATH, DT_RUNPATH)
DF_STATIC_TLS = 0x10
DF_1_NODEFLIB, DF_1_PIE = 0x800, 0x08000000
VER_FLG_BASE, VER_FLG_WEAK = 1, 2

_ARCH, _NEEDS = Elf.__match_args__.index("arch"), Elf.__match_args__.index("verneed")
_tuple = tuple.__new__
"""A fifth of the cost of the named tuple's own constructor, and a thousand objects have ten thousand version needs."""


def parse(
    read: Read, size: int, path: FsPath, identity: tuple[int, int], tables: dict[FsPath, Dynamic] | None = None
) -> Elf | Unread:
    """The object that `read` gives access to; `Unread`, in the loader's words, where no loader would take it.

    Where the object's tables are is left in `tables`, so that nobody looks for them twice.
    """
    found = described(read, size, path, identity, tables)
    return found if isinstance(found, Unread) else made(path, found)


def made(path: FsPath, plain: Plain) -> Elf:
    """The object that was described so."""
    told: list[Any] = [path, *plain]
    told[_ARCH] = _tuple(Arch, told[_ARCH])
    told[_NEEDS] = tuple([_tuple(VersionNeed, need) for need in told[_NEEDS]])
    return Elf(*told)


def described(
    read: Read, size: int, path: FsPath, identity: tuple[int, int], tables: dict[FsPath, Dynamic] | None = None
) -> Plain | Unread:
    """The same as plain values, in the order of `Elf`'s fields behind its path: another process can be told them."""
    head = read(0, HEAD)
    try:
        segments = program_headers(read, head, size)
        tags, needed = dynamic_section(read, head, segments)
        if tables is not None:
            tables[path] = Dynamic(segments, tags)
        return _describe(read, head, size, Dynamic(segments, tags), needed, identity)
    except RefusedError as refused:
        why = refused.reason
    except error:
        why = "file too short"
    if len(head) >= 64 and head[:4] == b"\x7fELF" and head[4] != 2:  # judged by its class before anything else
        return Unread(path, OTHER_CLASS, False)
    return Unread(path, why, True)


def _describe(
    read: Read, head: bytes, size: int, dynamic: Dynamic, needed: list[int], identity: tuple[int, int]
) -> Plain:
    segments, tags = dynamic
    shape = segments.shape
    needs, defines, strings, flags, flags_1, *single = tags.pick(_TAGS)
    files, labels, weak = _walked(read, segments.offset(needs), _needs, shape) or ([], [], [])
    defined = (_walked(read, segments.offset(defines), _definitions, shape) or []) if defines != ABSENT else []
    wanted = {*needed, *files, *labels, *defined, *single}
    wanted.discard(ABSENT)
    table = segments.offset(strings)
    text = {} if table is None else _strings(read, table, size - table, wanted)
    if len(text) < len(wanted):
        needed = [at for at in needed if at in text]
        defined = [at for at in defined if at in text]
        whole = [file in text and label in text for file, label in zip(files, labels, strict=True)]
        files, labels, weak = [*compress(files, whole)], [*compress(labels, whole)], [*compress(weak, whole)]
    paths = [text.get(at) for at in single]
    for place, found in enumerate(paths):
        if found is not None and len(found) >= MAX_STRING and table is not None:  # a list of folders has no such limit
            paths[place] = _decode(read(table + single[place], MAX_SEARCH_PATH).partition(b"\0")[0])
    soname, rpath, runpath = paths
    string = text.__getitem__
    return (
        identity,
        (segments.machine, shape.bits, shape.little),
        segments.kind,
        None if segments.interp is None else _interp(read, head, *segments.interp),
        soname,
        tuple(map(string, needed)),
        rpath,
        runpath,
        flags_1 != ABSENT and flags_1 & DF_1_NODEFLIB != 0,
        [*zip(map(string, files), map(string, labels), weak, strict=True)],
        tuple(map(string, defined)),
        segments.execstack,
        flags != ABSENT and flags & DF_STATIC_TLS != 0,
        flags_1 != ABSENT and flags_1 & DF_1_PIE != 0,
        segments.dynamic is not None,
    )


def _interp(read: Read, head: bytes, offset: int, size: int) -> str:
    size = min(size, MAX_STRING)
    data = head[offset : offset + size] if offset + size <= len(head) else read(offset, size)
    return _decode(data.partition(b"\0")[0])


def _strings(read: Read, table: int, room: int, wanted: set[int]) -> dict[int, str]:
    """The NUL-ended strings at the `wanted` offsets of the string table, neighbours fetched together.

    Tables of hundreds of megabytes exist, and only a few strings of one matter, as a rule all in a row. What would lie
    beyond the end of the file, `room` bytes from the table's beginning, is left out.
    """
    if not wanted:
        return {}
    first, last = min(wanted), max(wanted)
    if last < room and last - first <= GAP:
        return _row(read, table, first, last, wanted)
    offsets = sorted([at for at in wanted if at < room])
    found: dict[int, str] = {}
    start = 0
    for end in range(1, len(offsets) + 1):
        if end == len(offsets) or offsets[end] - offsets[end - 1] > GAP:
            found |= _row(read, table, offsets[start], offsets[end - 1], offsets[start:end])
            start = end
    return found


def _row(read: Read, table: int, first: int, last: int, wanted: Iterable[int]) -> dict[int, str]:
    """The strings at the `wanted` offsets, from `first` to `last`, by one read; an open end is an end."""
    window = read(table + first, last - first + 256)
    if window.rfind(b"\0") < last - first:  # the last one is longer than that
        window = read(table + first, last - first + MAX_STRING)
    if window.isascii():  # then offsets are the same before and after decoding: one decoding for all
        text = window.decode("ascii") + "\0"
        find = text.find
        return {at: text[at - first : find("\0", at - first)][:MAX_STRING] for at in wanted}
    window += b"\0"
    return {at: _decode(window[at - first : window.find(b"\0", at - first)][:MAX_STRING]) for at in wanted}


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _needs(data: bytes, shape: Shape) -> tuple[list[int], list[int], list[bool]]:
    """Of each entry of .gnu.version_r: offset of the file's name, offset of the version's name, weak or not."""
    need, version = shape.need.unpack_from, shape.needed_version.unpack_from
    files: list[int] = []
    labels: list[int] = []
    weak: list[bool] = []
    place = steps = 0
    while steps < MAX_VERSIONS:
        file, aux, following = need(data, place)
        at = place + aux
        while steps < MAX_VERSIONS:
            steps += 1
            flags, label, after = version(data, at)
            files.append(file)
            labels.append(label)
            weak.append(flags & VER_FLG_WEAK != 0)
            if not after:
                break
            at += after
        if not following:
            break
        place += following
    return files, labels, weak


def _definitions(data: bytes, shape: Shape) -> list[int]:
    """Offset of the name of each entry of .gnu.version_d, the object's own left out."""
    definition, name = shape.definition, shape.definition_name
    out: list[int] = []
    at = 0
    for _ in range(MAX_VERSIONS):
        flags, aux, following = definition.unpack_from(data, at)
        if not flags & VER_FLG_BASE:
            out.append(name.unpack_from(data, at + aux)[0])
        if not following:
            break
        at += following
    return out


def _walked(read: Read, offset: int | None, walk: Callable[[bytes, Shape], Walked], shape: Shape) -> Walked | None:
    """Walk a chained table of unknown length: a small read first, larger ones where the chain leaves it."""
    if offset is None:
        return None
    for size in TABLE_SIZES:
        try:
            return walk(read(offset, size), shape)
        except error:
            continue
    return None

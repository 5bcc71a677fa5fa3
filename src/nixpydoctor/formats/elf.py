"""Reads an ELF file's headers, dynamic section and version tables into the noun `Elf`, with a handful of small reads.

The layout is that of elf(5) and of the gABI's chapter on dynamic linking; version tables follow the LSB. Every count is
bounded, every string too: a hostile file costs no more than a large honest one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from struct import error
from typing import TypeVar

from nixpydoctor.facts import Arch, Elf, FsPath, Unread, VersionNeed
from nixpydoctor.formats.headers import (
    DT_STRSZ,
    DT_STRTAB,
    HEAD,
    OTHER_CLASS,
    Dynamic,
    Read,
    RefusedError,
    Shape,
    dynamic_section,
    program_headers,
)

Entry = TypeVar("Entry")

MAX_TABLE = 1 << 20
MAX_STRING = 1 << 12
"""PATH_MAX: nothing longer can be opened."""
MAX_SEARCH_PATH = 1 << 17
MAX_VERSIONS = 1 << 13
SMALL_TABLE = 1 << 14
"""A string table up to this size is read whole."""
GAP = 1 << 12
"""Strings closer together than this are fetched by one read."""

DT_SONAME, DT_RPATH, DT_RUNPATH, DT_FLAGS = 14, 15, 29, 30
DT_FLAGS_1, DT_VERDEF, DT_VERNEED = 0x6FFFFFFB, 0x6FFFFFFC, 0x6FFFFFFE
DF_STATIC_TLS = 0x10
DF_1_NODEFLIB, DF_1_PIE = 0x800, 0x08000000
VER_FLG_BASE, VER_FLG_WEAK = 1, 2

_tuple = tuple.__new__
"""A fifth of the cost of the named tuple's own constructor, and a thousand objects have ten thousand version needs."""


def parse(
    read: Read, size: int, path: FsPath, identity: tuple[int, int], tables: dict[FsPath, Dynamic] | None = None
) -> Elf | Unread:
    """The object that `read` gives access to; `Unread`, in the loader's words, where no loader would take it.

    Where the object's tables are is left in `tables`, so that nobody looks for them twice.
    """
    head = read(0, HEAD)
    try:
        segments = program_headers(read, head, size)
        tags, needed = dynamic_section(read, head, segments)
        if tables is not None:
            tables[path] = Dynamic(segments, tags)
        return _describe(read, head, size, Dynamic(segments, tags), needed, path, identity)
    except RefusedError as refused:
        why = refused.reason
    except error:
        why = "file too short"
    if len(head) >= 64 and head[:4] == b"\x7fELF" and head[4] != 2:  # judged by its class before anything else
        return Unread(path, OTHER_CLASS, False)
    return Unread(path, why, True)


def _describe(
    read: Read, head: bytes, size: int, dynamic: Dynamic, needed: list[int], path: FsPath, identity: tuple[int, int]
) -> Elf:
    segments, tags = dynamic
    shape = segments.shape
    needs = _version_needs(read, segments.offset(tags[DT_VERNEED]), shape) if DT_VERNEED in tags else []
    defined = _version_definitions(read, segments.offset(tags[DT_VERDEF]), shape) if DT_VERDEF in tags else []
    single = {tag: tags[tag] for tag in (DT_SONAME, DT_RPATH, DT_RUNPATH) if tag in tags}
    wanted = {*needed, *defined, *single.values()}
    for file, name, _ in needs:
        wanted.add(file)
        wanted.add(name)
    table = segments.offset(tags.get(DT_STRTAB, -1))
    held = min(tags.get(DT_STRSZ, size), size)
    text = {} if table is None else _strings(read, table, held, size - table, wanted)
    if len(text) < len(wanted):
        needed = [at for at in needed if at in text]
        defined = [at for at in defined if at in text]
        needs = [need for need in needs if need[0] in text and need[1] in text]
    paths = {tag: text[at] for tag, at in single.items() if at in text}
    for tag, found in paths.items():
        if len(found) >= MAX_STRING and table is not None:  # a list of folders has no such limit
            paths[tag] = _decode(read(table + single[tag], MAX_SEARCH_PATH).partition(b"\0")[0])
    flags = tags.get(DT_FLAGS, 0)
    flags_1 = tags.get(DT_FLAGS_1, 0)
    return Elf(
        path=path,
        identity=identity,
        arch=Arch(segments.machine, shape.bits, shape.little),
        kind=segments.kind,
        interp=None if segments.interp is None else _interp(read, head, *segments.interp),
        soname=paths.get(DT_SONAME),
        needed=tuple([text[at] for at in needed]),
        rpath=paths.get(DT_RPATH),
        runpath=paths.get(DT_RUNPATH),
        nodeflib=bool(flags_1 & DF_1_NODEFLIB),
        verneed=tuple([_tuple(VersionNeed, (text[file], text[name], weak)) for file, name, weak in needs]),
        verdef=tuple([text[at] for at in defined]),
        execstack=segments.execstack,
        static_tls=bool(flags & DF_STATIC_TLS),
        pie=bool(flags_1 & DF_1_PIE),
        dynamic=segments.dynamic is not None,
    )


def _interp(read: Read, head: bytes, offset: int, size: int) -> str:
    size = min(size, MAX_STRING)
    data = head[offset : offset + size] if offset + size <= len(head) else read(offset, size)
    return _decode(data.partition(b"\0")[0])


def _strings(read: Read, table: int, size: int, room: int, wanted: set[int]) -> dict[int, str]:
    """The NUL-ended strings at the `wanted` offsets of the string table, neighbours fetched together.

    Tables of hundreds of megabytes exist, and only a few strings of one matter. What would lie beyond the end of the
    file, `room` bytes from the table's beginning, is left out.
    """
    offsets = sorted(wanted)
    if not offsets:
        return {}
    if offsets[-1] >= room:
        offsets = [at for at in offsets if at < room]
    elif size <= SMALL_TABLE and offsets[-1] < size:
        return _cut(read(table, size), 0, offsets)
    found: dict[int, str] = {}
    start = 0
    while start < len(offsets):
        end = start + 1
        while end < len(offsets) and offsets[end] - offsets[end - 1] <= GAP:
            end += 1
        first, last = offsets[start], offsets[end - 1]
        window = read(table + first, last - first + 256)
        if window.rfind(b"\0") < last - first:  # the last one is longer than that
            window = read(table + first, last - first + MAX_STRING)
        found.update(_cut(window, first, offsets[start:end]))
        start = end
    return found


def _cut(window: bytes, first: int, wanted: Iterable[int]) -> dict[int, str]:
    """The strings at `wanted`, out of the window that begins at offset `first`; an open end is an end."""
    if window.isascii():  # then offsets are the same before and after decoding: one decoding for all
        text = window.decode("ascii") + "\0"
        return {at: text[at - first : text.find("\0", at - first)][:MAX_STRING] for at in wanted}
    window += b"\0"
    return {at: _decode(window[at - first : window.find(b"\0", at - first)][:MAX_STRING]) for at in wanted}


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _version_needs(read: Read, offset: int | None, shape: Shape) -> list[tuple[int, int, bool]]:
    """(offset of the file's name, offset of the version's name, weak) for each entry of .gnu.version_r."""
    if offset is None:
        return []
    file, version = shape.need, shape.needed_version

    def walk(data: bytes) -> list[tuple[int, int, bool]]:
        out: list[tuple[int, int, bool]] = []
        at = steps = 0
        while steps < MAX_VERSIONS:
            _, _, name, aux, following = file.unpack_from(data, at)
            place = at + aux
            while steps < MAX_VERSIONS:
                steps += 1
                _, flags, _, label, after = version.unpack_from(data, place)
                out.append((name, label, bool(flags & VER_FLG_WEAK)))
                if not after:
                    break
                place += after
            if not following:
                break
            at += following
        return out

    return _walk_table(read, offset, walk)


def _version_definitions(read: Read, offset: int | None, shape: Shape) -> list[int]:
    """Offset of the name of each entry of .gnu.version_d, the object's own left out."""
    if offset is None:
        return []
    definition, name = shape.definition, shape.definition_name

    def walk(data: bytes) -> list[int]:
        out: list[int] = []
        at = 0
        for _ in range(MAX_VERSIONS):
            _, flags, _, _, _, aux, following = definition.unpack_from(data, at)
            if not flags & VER_FLG_BASE:
                out.append(name.unpack_from(data, at + aux)[0])
            if not following:
                break
            at += following
        return out

    return _walk_table(read, offset, walk)


def _walk_table(read: Read, offset: int, walk: Callable[[bytes], list[Entry]]) -> list[Entry]:
    """Walk a chained table of unknown length: a small read first, a large one where the chain leaves it."""
    for size in (GAP, MAX_TABLE):
        try:
            return walk(read(offset, size))
        except error:
            continue
    return []

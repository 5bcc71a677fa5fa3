"""Reads an ELF file's headers, dynamic section and version tables into the noun `Elf`, with a handful of small reads.

The layout is that of elf(5) and of the gABI's chapter on dynamic linking; version tables follow the LSB. What makes a
file unusable, and the words for it, follow `open_verify` and `_dl_map_object_from_fd` in glibc's elf/dl-load.c. Every
count is bounded, every string too: a hostile file costs no more than a large honest one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from struct import Struct, error, unpack_from
from typing import Literal, TypeVar

from nixpydoctor.facts import Arch, Elf, FsPath, Unread, VersionNeed

Read = Callable[[int, int], bytes]
"""`read(offset, size)`: at most `size` bytes, fewer at the end of the file."""

Entry = TypeVar("Entry")

HEAD = 4096
"""First read: covers the headers of nearly every object and, for a small one, everything."""

MAX_DYNAMIC = 1 << 16
MAX_TABLE = 1 << 20
MAX_STRING = 1 << 12
"""PATH_MAX: nothing longer can be opened."""
MAX_SEARCH_PATH = 1 << 17
MAX_VERSIONS = 1 << 13
SMALL_TABLE = 1 << 14
"""A string table up to this size is read whole."""
GAP = 1 << 12
"""Strings closer together than this are fetched by one read."""

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_GNU_STACK = 1, 2, 3, 0x6474E551
PF_X = 1
DT_NEEDED, DT_STRTAB, DT_STRSZ, DT_SONAME, DT_RPATH, DT_RUNPATH, DT_FLAGS = 1, 5, 10, 14, 15, 29, 30
DT_FLAGS_1, DT_VERDEF, DT_VERNEED = 0x6FFFFFFB, 0x6FFFFFFC, 0x6FFFFFFE
DF_STATIC_TLS = 0x10
DF_1_NODEFLIB, DF_1_PIE = 0x800, 0x08000000
VER_FLG_BASE, VER_FLG_WEAK = 1, 2

EXECUTABLE_STACK_BY_DEFAULT = frozenset({3, 40, 62})
"""Machines on which a file without PT_GNU_STACK asks for an executable stack (sysdeps/*/stackinfo.h)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the structures of one class and byte order are laid out."""

    bits: Literal[32, 64]
    little: bool
    header: Struct
    segment: Struct
    order: str
    word: str

    @property
    def entry(self) -> int:
        """Bytes of one entry of the dynamic section."""
        return self.bits // 4


def _shape(bits: Literal[32, 64], little: bool) -> Shape:
    order = "<" if little else ">"
    words = "IIII" if bits == 32 else "QQQI"
    return Shape(
        bits=bits,
        little=little,
        header=Struct(f"{order}HHI{words[:3]}IHHHHHH"),
        segment=Struct(f"{order}IIIIIIII" if bits == 32 else f"{order}IIQQQQQQ"),
        order=order,
        word="I" if bits == 32 else "Q",
    )


SHAPES: Mapping[tuple[int, int], Shape] = {
    (1, 1): _shape(32, True),
    (1, 2): _shape(32, False),
    (2, 1): _shape(64, True),
    (2, 2): _shape(64, False),
}
"""(EI_CLASS, EI_DATA) → layout."""


@dataclass(frozen=True, slots=True)
class Segments:
    """What the program headers say."""

    shape: Shape
    kind: int
    machine: int
    loads: tuple[tuple[int, int, int], ...]
    """(address, offset, bytes in the file) of each PT_LOAD."""
    dynamic: tuple[int, int] | None
    """Offset and size of the dynamic section."""
    interp: tuple[int, int] | None
    execstack: bool

    def offset(self, address: int) -> int | None:
        """Where in the file the byte at `address` comes from."""
        for start, offset, size in self.loads:
            if start <= address < start + size:
                return address - start + offset
        return None


OTHER_CLASS = "wrong ELF class: ELFCLASS32"
"""What a 64-bit loader says of a file whose class is not its own, and goes on."""

_tuple = tuple.__new__
"""A fifth of the cost of the named tuple's own constructor, and a thousand objects have ten thousand version needs."""


class RefusedError(Exception):
    """The loader would not take this file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(read: Read, size: int, path: FsPath, identity: tuple[int, int]) -> Elf | Unread:
    """The object that `read` gives access to; `Unread`, in the loader's words, where no loader would take it."""
    head = read(0, HEAD)
    try:
        segments = program_headers(read, head, size)
        return _describe(read, head, size, segments, path, identity)
    except RefusedError as refused:
        why = refused.reason
    except error:
        why = "file too short"
    if len(head) >= 64 and head[:4] == b"\x7fELF" and head[4] != 2:  # judged by its class before anything else
        return Unread(path, OTHER_CLASS, False)
    return Unread(path, why, True)


def program_headers(read: Read, head: bytes, size: int) -> Segments:
    """Check the headers as the loader does and read the program headers; raises `RefusedError` and `struct.error`."""
    shape = _ident(head)
    kind, machine, version, _, phoff, _, _, _, phentsize, phnum, _, _, _ = shape.header.unpack_from(head, 16)
    if version != 1:
        raise RefusedError("ELF file version does not match current one")
    if kind not in (2, 3):
        raise RefusedError("only ET_DYN and ET_EXEC can be loaded")
    segment = shape.segment
    if phentsize != segment.size:
        raise RefusedError("ELF file's phentsize not the expected size")
    end = phoff + phnum * phentsize
    if end > size:
        raise RefusedError("cannot read file data")
    table = head[phoff:end] if end <= len(head) else read(phoff, phnum * phentsize)
    return _segments(table, shape, kind, machine, size)


def _ident(head: bytes) -> Shape:
    if len(head) < 52:
        raise RefusedError("file too short")
    if head[:4] != b"\x7fELF":
        raise RefusedError("file too short" if len(head) < 64 else "invalid ELF header")
    wide, order, version, osabi, abiversion = head[4:9]
    if wide not in (1, 2):
        raise RefusedError(OTHER_CLASS)
    if wide == 2 and len(head) < 64:
        raise RefusedError("file too short")
    shape = SHAPES.get((wide, order))
    if shape is None:
        raise RefusedError("ELF file data encoding not little-endian")
    if version != 1:
        raise RefusedError("ELF file version ident does not match current one")
    if osabi not in (0, 3) and wide == 2:  # 32-bit ARM has one of its own
        raise RefusedError("ELF file OS ABI invalid")
    if abiversion and osabi != 3 and wide == 2:
        raise RefusedError("ELF file ABI version invalid")
    if any(head[9:16]):
        raise RefusedError("nonzero padding in e_ident")
    return shape


def _segments(table: bytes, shape: Shape, kind: int, machine: int, size: int) -> Segments:
    loads: list[tuple[int, int, int]] = []
    dynamic = interp = None
    execstack = machine in EXECUTABLE_STACK_BY_DEFAULT
    for fields in shape.segment.iter_unpack(table):
        if shape.bits == 64:
            kind_, flags, offset, address, _, filesz, memsz, _ = fields
        else:
            kind_, offset, address, _, filesz, memsz, flags, _ = fields
        if kind_ == PT_LOAD:
            if memsz and (address - offset) & 0xFFF:  # no page size is smaller: nothing could map this
                raise RefusedError("ELF load command address/offset not page-aligned")
            if offset + filesz > size:  # the loader maps it, and the process dies of SIGBUS on first touch
                raise RefusedError("file too short")
            loads.append((address, offset, filesz))
        elif kind_ == PT_DYNAMIC:
            dynamic = (offset, filesz) if filesz else None
        elif kind_ == PT_INTERP:
            interp = (offset, filesz)
        elif kind_ == PT_GNU_STACK:
            execstack = bool(flags & PF_X)
    if not loads:
        raise RefusedError("object file has no loadable segments")
    if any(part is not None and part[0] + part[1] > size for part in (dynamic, interp)):
        raise RefusedError("file too short")
    return Segments(shape, kind, machine, tuple(loads), dynamic, interp, execstack)


def dynamic_section(read: Read, head: bytes, segments: Segments) -> tuple[dict[int, int], list[int]]:
    """Every tag's value, the last one winning as in the loader, and the offsets of the needed names in order."""
    if segments.dynamic is None:
        return {}, []
    offset, size = segments.dynamic
    size = min(size, MAX_DYNAMIC)
    entry = segments.shape.entry
    data = head[offset : offset + size] if offset + size <= len(head) else read(offset, size)
    count = len(data) // entry
    values = unpack_from(f"{segments.shape.order}{2 * count}{segments.shape.word}", data)
    tags, held = values[::2], values[1::2]
    last = tags.index(0) if 0 in tags else count
    return dict(zip(tags[:last], held, strict=False)), [
        value for tag, value in zip(tags[:last], held, strict=False) if tag == DT_NEEDED
    ]


def _describe(read: Read, head: bytes, size: int, segments: Segments, path: FsPath, identity: tuple[int, int]) -> Elf:
    tags, needed = dynamic_section(read, head, segments)
    order = segments.shape.order
    needs = _version_needs(read, segments.offset(tags.get(DT_VERNEED, -1)), order)
    defined = _version_definitions(read, segments.offset(tags.get(DT_VERDEF, -1)), order)
    single = {tag: tags[tag] for tag in (DT_SONAME, DT_RPATH, DT_RUNPATH) if tag in tags}
    wanted = {*needed, *defined, *single.values(), *[need[0] for need in needs], *[need[1] for need in needs]}
    table = segments.offset(tags.get(DT_STRTAB, -1))
    held = min(tags.get(DT_STRSZ, size), size)
    if table is not None and wanted and table + max(wanted) >= size:
        wanted = {at for at in wanted if table + at < size}
    text = {} if table is None else _strings(read, table, held, wanted)
    paths = {tag: text[at] for tag, at in single.items() if at in text}
    for tag, found in paths.items():
        if len(found) >= MAX_STRING and table is not None:  # a list of folders has no such limit
            paths[tag] = _decode(read(table + single[tag], MAX_SEARCH_PATH).partition(b"\0")[0])
    flags = tags.get(DT_FLAGS, 0)
    flags_1 = tags.get(DT_FLAGS_1, 0)
    return Elf(
        path=path,
        identity=identity,
        arch=Arch(segments.machine, segments.shape.bits, segments.shape.little),
        kind=segments.kind,
        interp=None if segments.interp is None else _interp(read, head, *segments.interp),
        soname=paths.get(DT_SONAME),
        needed=tuple([text[at] for at in needed if at in text]),
        rpath=paths.get(DT_RPATH),
        runpath=paths.get(DT_RUNPATH),
        nodeflib=bool(flags_1 & DF_1_NODEFLIB),
        verneed=tuple(
            [
                _tuple(VersionNeed, (text[file], text[name], weak))
                for file, name, weak in needs
                if file in text and name in text
            ]
        ),
        verdef=tuple([text[at] for at in defined if at in text]),
        execstack=segments.execstack,
        static_tls=bool(flags & DF_STATIC_TLS),
        pie=bool(flags_1 & DF_1_PIE),
        dynamic=segments.dynamic is not None,
    )


def _interp(read: Read, head: bytes, offset: int, size: int) -> str:
    size = min(size, MAX_STRING)
    data = head[offset : offset + size] if offset + size <= len(head) else read(offset, size)
    return _decode(data.partition(b"\0")[0])


def _strings(read: Read, table: int, size: int, wanted: set[int]) -> dict[int, str]:
    """The NUL-ended strings at the `wanted` offsets of the string table, neighbours fetched together.

    Tables of hundreds of megabytes exist, and only a few strings of one matter.
    """
    if size <= SMALL_TABLE:
        return _cut(read(table, size), 0, wanted)
    found: dict[int, str] = {}
    offsets = sorted(wanted)
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


def _version_needs(read: Read, offset: int | None, order: str) -> list[tuple[int, int, bool]]:
    """(offset of the file's name, offset of the version's name, weak) for each entry of .gnu.version_r."""
    if offset is None:
        return []
    file, version = Struct(f"{order}HHIII"), Struct(f"{order}IHHII")

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


def _version_definitions(read: Read, offset: int | None, order: str) -> list[int]:
    """Offset of the name of each entry of .gnu.version_d, the object's own left out."""
    if offset is None:
        return []
    definition, name = Struct(f"{order}HHHHIII"), Struct(f"{order}I")

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

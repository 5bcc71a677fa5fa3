"""Reads an ELF file's identification, program headers and dynamic section, and refuses what a loader refuses.

The layout is that of elf(5). What makes a file unusable, and the words for it, follow `open_verify` and
`_dl_map_object_from_fd` in glibc's elf/dl-load.c.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter
from struct import Struct, unpack_from
from typing import Literal

from nixpydoctor.light import NamedTuple, dataclass

Read = Callable[[int, int], bytes]
"""`read(offset, size)`: at most `size` bytes, fewer at the end of the file."""

HEAD = 1024
"""First read: covers the headers of nearly every object."""

MAX_DYNAMIC = 1 << 16
MAX_USUAL = 1 << 8
"""More tags than any honest object has but for its needed names: their order is not worth remembering."""
ABSENT = -1
"""The value of a tag that is not there: no value is negative, and no byte of a file has such an address."""

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_GNU_STACK = 1, 2, 3, 0x6474E551
PF_X = 1
DT_NEEDED, DT_VERDEF = 1, 0x6FFFFFFC

_tuple = tuple.__new__
"""A fifth of the cost of a named tuple's own constructor."""

NO_PADDING = bytes(7)

EXECUTABLE_STACK_BY_DEFAULT = frozenset({3, 40, 62})
"""Machines on which a file without PT_GNU_STACK asks for an executable stack (sysdeps/*/stackinfo.h)."""

OTHER_CLASS = "wrong ELF class: ELFCLASS32"
"""What a 64-bit loader says of a file whose class is not its own, and goes on."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the structures of one class and byte order are laid out."""

    bits: Literal[32, 64]
    little: bool
    header: Struct
    """Kind, machine, version, and of the program headers: offset, size of each, count."""
    segment: Struct
    """Of one program header: type, flags, offset, address, bytes in the file and in memory; 32-bit: flags last."""
    word: str
    """The `struct` format of an address."""
    order: str
    need: Struct
    """Offset of the file's name, distance to the first version and to the next file."""
    needed_version: Struct
    """Flags, offset of the name, distance to the next version."""
    definition: Struct
    """Flags, distance to the name and to the next definition."""
    definition_name: Struct
    """Of the version tables, the same in both classes."""


def _shape(bits: Literal[32, 64], little: bool) -> Shape:
    order = "<" if little else ">"
    return Shape(
        bits=bits,
        little=little,
        header=Struct(f"{order}HHI4xI10xHH6x" if bits == 32 else f"{order}HHI8xQ14xHH6x"),
        segment=Struct(f"{order}III4xIII4x" if bits == 32 else f"{order}IIQQ8xQQ8x"),
        word="I" if bits == 32 else "Q",
        order=order,
        need=Struct(f"{order}4xIII"),
        needed_version=Struct(f"{order}4xH2xII"),
        definition=Struct(f"{order}2xH8xII"),
        definition_name=Struct(f"{order}I"),
    )


_AS_IF_WIDE: Callable[[tuple[int, ...]], tuple[int, ...]] = itemgetter(0, 5, 1, 2, 3, 4)
"""The fields of a 32-bit program header in the order of a 64-bit one."""

SHAPES: Mapping[tuple[int, int], Shape] = {
    (1, 1): _shape(32, True),
    (1, 2): _shape(32, False),
    (2, 1): _shape(64, True),
    (2, 2): _shape(64, False),
}
"""(EI_CLASS, EI_DATA) → layout."""


class Segments(NamedTuple):
    """What the program headers say."""

    shape: Shape
    kind: int
    machine: int
    loads: list[tuple[int, int, int]]
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


class Tags(NamedTuple):
    """The tags of a dynamic section, of one that is given twice the last, as in the loader."""

    places: Mapping[int, int]
    """Where each tag's value stands: objects that were linked alike share this."""
    values: tuple[int, ...]

    def get(self, tag: int, default: int = ABSENT) -> int:
        """The value of a tag."""
        place = self.places.get(tag)
        return default if place is None else self.values[place]

    def pick(self, wanted: tuple[int, ...]) -> list[int]:
        """The values of these tags, `ABSENT` for each that is not there."""
        places, values = self
        return [values[places[tag]] if tag in places else ABSENT for tag in wanted]


class Dynamic(NamedTuple):
    """Where an object's tables are, for whoever reads more of it later."""

    segments: Segments
    tags: Tags


NO_TAGS = Tags({}, ())


class RefusedError(Exception):
    """The loader would not take this file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def program_headers(read: Read, head: bytes, size: int) -> Segments:
    """Check the headers as the loader does and read the program headers; raises `RefusedError` and `struct.error`."""
    shape = _ident(head)
    kind, machine, version, phoff, phentsize, phnum = shape.header.unpack_from(head, 16)
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
    if len(head) < 64 and (head[:4] != b"\x7fELF" or head[4] == 2):
        raise RefusedError("file too short")
    return _identified(head[:16])


@lru_cache(64)
def _identified(ident: bytes) -> Shape:
    """Nearly all files of a machine begin with the same sixteen bytes."""
    if ident[:4] != b"\x7fELF":
        raise RefusedError("invalid ELF header")
    wide, order, version, osabi, abiversion = ident[4:9]
    if wide not in (1, 2):
        raise RefusedError(OTHER_CLASS)
    shape = SHAPES.get((wide, order))
    if shape is None:
        raise RefusedError("ELF file data encoding not little-endian")
    if version != 1:
        raise RefusedError("ELF file version ident does not match current one")
    if osabi not in (0, 3) and wide == 2:  # 32-bit ARM has one of its own
        raise RefusedError("ELF file OS ABI invalid")
    if abiversion and osabi != 3 and wide == 2:
        raise RefusedError("ELF file ABI version invalid")
    if ident[9:16] != NO_PADDING:
        raise RefusedError("nonzero padding in e_ident")
    return shape


def _segments(table: bytes, shape: Shape, kind: int, machine: int, size: int) -> Segments:
    loads: list[tuple[int, int, int]] = []
    dynamic = interp = None
    execstack = machine in EXECUTABLE_STACK_BY_DEFAULT
    rows = shape.segment.iter_unpack(table)
    for what, flags, offset, address, filesz, memsz in rows if shape.bits == 64 else map(_AS_IF_WIDE, rows):
        if what == PT_LOAD:
            if (address - offset) & 0xFFF and memsz:  # no page size is smaller: nothing could map this
                raise RefusedError("ELF load command address/offset not page-aligned")
            if offset + filesz > size:  # the loader maps it, and the process dies of SIGBUS on first touch
                raise RefusedError("file too short")
            loads.append((address, offset, filesz))
        elif what == PT_DYNAMIC:
            dynamic = (offset, filesz) if filesz else None
        elif what == PT_GNU_STACK:
            execstack = bool(flags & PF_X)
        elif what == PT_INTERP:
            interp = (offset, filesz)
    if not loads:
        raise RefusedError("object file has no loadable segments")
    if (dynamic and sum(dynamic) > size) or (interp and sum(interp) > size):
        raise RefusedError("file too short")
    return _tuple(Segments, (shape, kind, machine, loads, dynamic, interp, execstack))


def dynamic_section(read: Read, head: bytes, segments: Segments) -> tuple[Tags, list[int]]:
    """The tags, and the offsets of the needed names in order."""
    if segments.dynamic is None:
        return NO_TAGS, []
    offset, size = segments.dynamic
    size = min(size, MAX_DYNAMIC)
    data = head[offset : offset + size] if offset + size <= len(head) else read(offset, size)
    shape = segments.shape
    words = unpack_from(f"{shape.order}{len(data) * 8 // shape.bits & ~1}{shape.word}", data)
    tags, values = words[::2], words[1::2]
    places, needed = _layout(tags) if len(tags) <= MAX_USUAL else _layout.__wrapped__(tags)
    return _tuple(Tags, (places, values)), [values[place] for place in needed]


@lru_cache(512)
def _layout(tags: tuple[int, ...]) -> tuple[dict[int, int], list[int]]:
    """Where each tag stands, and where those of needed names do.

    A linker writes the same tags in the same order again and again: a thousand objects have two hundred such rows.
    """
    if 0 in tags:
        tags = tags[: tags.index(0)]
    return {tag: place for place, tag in enumerate(tags)}, [place for place, tag in enumerate(tags) if tag == DT_NEEDED]

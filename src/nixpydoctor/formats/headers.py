"""Reads an ELF file's identification, program headers and dynamic section, and refuses what a loader refuses.

The layout is that of elf(5). What makes a file unusable, and the words for it, follow `open_verify` and
`_dl_map_object_from_fd` in glibc's elf/dl-load.c.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter
from struct import Struct, unpack_from
from typing import Literal, NamedTuple

from nixpydoctor.light import dataclass

Read = Callable[[int, int], bytes]
"""`read(offset, size)`: at most `size` bytes, fewer at the end of the file."""

HEAD = 4096
"""First read: covers the headers of nearly every object and, for a small one, everything."""

MAX_DYNAMIC = 1 << 16

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_GNU_STACK = 1, 2, 3, 0x6474E551
PF_X = 1
DT_NEEDED, DT_STRTAB, DT_STRSZ = 1, 5, 10

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
    segment: Struct
    extent: Callable[[tuple[int, ...]], tuple[int, int, int, int]]
    """Offset, address, bytes in the file and in memory, out of one program header."""
    flags: int
    """Where the flags stand in one."""
    word: str
    """The `struct` format of an address."""
    order: str
    need: Struct
    needed_version: Struct
    definition: Struct
    definition_name: Struct
    """Of the version tables, the same in both classes."""


def _shape(bits: Literal[32, 64], little: bool) -> Shape:
    order = "<" if little else ">"
    words = "IIII" if bits == 32 else "QQQI"
    return Shape(
        bits=bits,
        little=little,
        header=Struct(f"{order}HHI{words[:3]}IHHHHHH"),
        segment=Struct(f"{order}IIIIIIII" if bits == 32 else f"{order}IIQQQQQQ"),
        extent=itemgetter(1, 2, 4, 5) if bits == 32 else itemgetter(2, 3, 5, 6),
        flags=6 if bits == 32 else 1,
        word="I" if bits == 32 else "Q",
        order=order,
        need=Struct(f"{order}HHIII"),
        needed_version=Struct(f"{order}IHHII"),
        definition=Struct(f"{order}HHHHIII"),
        definition_name=Struct(f"{order}I"),
    )


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


class Dynamic(NamedTuple):
    """Where an object's tables are, for whoever reads more of it later."""

    segments: Segments
    tags: dict[int, int]
    """Every tag of the dynamic section with its value."""


class RefusedError(Exception):
    """The loader would not take this file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
    for fields in shape.segment.iter_unpack(table):
        what = fields[0]
        if what == PT_LOAD:
            offset, address, filesz, memsz = shape.extent(fields)
            if (address - offset) & 0xFFF and memsz:  # no page size is smaller: nothing could map this
                raise RefusedError("ELF load command address/offset not page-aligned")
            if offset + filesz > size:  # the loader maps it, and the process dies of SIGBUS on first touch
                raise RefusedError("file too short")
            loads.append((address, offset, filesz))
        elif what == PT_DYNAMIC:
            offset, _, filesz, _ = shape.extent(fields)
            dynamic = (offset, filesz) if filesz else None
        elif what == PT_GNU_STACK:
            execstack = bool(fields[shape.flags] & PF_X)
        elif what == PT_INTERP:
            offset, _, filesz, _ = shape.extent(fields)
            interp = (offset, filesz)
    if not loads:
        raise RefusedError("object file has no loadable segments")
    if (dynamic and sum(dynamic) > size) or (interp and sum(interp) > size):
        raise RefusedError("file too short")
    return Segments(shape, kind, machine, loads, dynamic, interp, execstack)


def dynamic_section(read: Read, head: bytes, segments: Segments) -> tuple[dict[int, int], list[int]]:
    """Every tag's value, the last one winning as in the loader, and the offsets of the needed names in order."""
    if segments.dynamic is None:
        return {}, []
    offset, size = segments.dynamic
    size = min(size, MAX_DYNAMIC)
    data = head[offset : offset + size] if offset + size <= len(head) else read(offset, size)
    shape = segments.shape
    words = unpack_from(f"{shape.order}{len(data) * 8 // shape.bits & ~1}{shape.word}", data)
    tags, values = words[::2], words[1::2]
    tags = tags[: tags.index(0)] if 0 in tags else tags
    count = tags.count(DT_NEEDED)
    if tags[:count] == (DT_NEEDED,) * count:  # they stand in front, as a rule
        needed = list(values[:count])
    else:
        needed = [value for tag, value in zip(tags, values, strict=False) if tag == DT_NEEDED]
    return dict(zip(tags, values, strict=False)), needed

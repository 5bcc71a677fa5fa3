"""Reads Mach-O files, thin and fat, into the noun `MachO`, one per slice, with one or two small reads a slice.

The layout is that of <mach-o/loader.h> and <mach-o/fat.h>. Every offset and count is checked against what was really
read. What dyld would not map is `Unread` in dyld's words; none of it ends a search (dyld/Loader.cpp, `getLoader`).
"""

from __future__ import annotations

from itertools import pairwise
from struct import Struct, error

from nixpydoctor.darwin import Cpu, Dylib, DylibKind, MachO
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.formats.headers import Read
from nixpydoctor.formats.signature import signature

HEAD = 4096
"""First read: the load commands of all but one slice in a hundred fit."""
MAX_COMMANDS = 1 << 20
"""Bytes of load commands: a hundred times what real slices have."""
MAX_SLICES = 44
"""A Java class file begins like a fat file; its "count" is the class format's version, 45 or more."""
MAX_STRING = 1 << 12

FAT_MAGIC, FAT_MAGIC_64 = b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"
THIN = {
    b"\xcf\xfa\xed\xfe": ("<", 32),
    b"\xce\xfa\xed\xfe": ("<", 28),
    b"\xfe\xed\xfa\xcf": (">", 32),
    b"\xfe\xed\xfa\xce": (">", 28),
}
"""Magic → byte order and size of the header."""

LC_ID_DYLIB, LC_UUID, LC_CODE_SIGNATURE, LC_RPATH = 0xD, 0x1B, 0x1D, 0x8000001C
LC_LOAD_DYLIB, LC_BUILD_VERSION = 0xC, 0x32
NEEDS: dict[int, DylibKind] = {
    LC_LOAD_DYLIB: "load",
    0x80000018: "weak",
    0x8000001F: "reexport",
    0x80000023: "upward",
    0x20: "lazy",
}
VERSION_MIN = {0x24: 1, 0x25: 2, 0x2F: 3, 0x30: 4}
"""LC_VERSION_MIN_* → the platform number that LC_BUILD_VERSION uses: 1 macOS, 2 iOS, 3 tvOS, 4 watchOS."""

USE_MARKER = 0x1A741800
"""In the place of a time stamp: LC_LOAD_DYLIB is a `dylib_use_command`, whose flags follow."""
USE_FLAGS: tuple[tuple[int, DylibKind], ...] = ((1, "weak"), (2, "reexport"), (4, "upward"), (8, "delayed"))


class MachError(Exception):
    """dyld would not take this file; the text is its reason."""


def parse(read: Read, size: int, path: FsPath, identity: tuple[int, int]) -> tuple[MachO, ...] | Unread:
    """The slices of a Mach-O file of `size` bytes, in file order; `Unread` where there is none that could be mapped."""
    try:
        head = read(0, HEAD)
        if head[:4] in THIN:
            return (_slice(read, head, 0, size, path, identity),)
        if head[:4] in (FAT_MAGIC, FAT_MAGIC_64):
            return tuple(
                _slice(read, read(offset, HEAD), offset, length, path, identity) for offset, length in _fat(head, size)
            )
        raise MachError("not a mach-o file" if size else "file is empty")
    except MachError as why:
        return Unread(path, str(why), False)
    except error:
        return Unread(path, "load commands exceed the file", False)


def _fat(head: bytes, size: int) -> list[tuple[int, int]]:
    """(offset, length) of each slice."""
    wide = head[:4] == FAT_MAGIC_64
    (count,) = _U32_BIG.unpack_from(head, 4)
    if not 0 < count <= MAX_SLICES:
        raise MachError("not a mach-o file")
    entry = Struct(">iiQQII") if wide else Struct(">iiIII")
    found: list[tuple[int, int]] = []
    for index in range(count):
        _, _, offset, length, *_ = entry.unpack_from(head, 8 + index * entry.size)
        if offset + length > size or offset < 8 + count * entry.size:
            raise MachError("fat file has a slice beyond its end")
        found.append((offset, length))
    ordered = sorted(found)
    if any(first + length > second for (first, length), (second, _) in pairwise(ordered)):
        raise MachError("fat file has overlapping slices")
    return found


_U32_BIG = Struct(">I")


def _slice(read: Read, head: bytes, start: int, length: int, path: FsPath, identity: tuple[int, int]) -> MachO:
    order, header = THIN.get(head[:4], ("", 0))
    if not order or length < header:
        raise MachError("slice is not a mach-o file")
    machine, subtype, kind, count, total, flags = Struct(f"{order}iiIIII").unpack_from(head, 4)
    if total > min(length - header, MAX_COMMANDS) or count * 8 > total:
        raise MachError("load commands exceed the file")
    commands = head[header : header + total]
    if len(commands) < total:
        commands = read(start + header, total)
        if len(commands) < total:
            raise MachError("file too short")
    found = _Commands(order, commands, count)
    signed = found.signed
    return MachO(
        path=path,
        identity=identity,
        arch=Cpu(machine, subtype & 0xFFFFFF),
        kind=kind,
        flags=flags,
        id=found.id,
        needed=tuple(found.needed),
        rpaths=tuple(found.rpaths),
        platform=found.platform,
        minos=found.minos,
        sdk=found.sdk,
        uuid=found.uuid,
        signature=None if signed is None else signature(read, start, length, *signed),
        offset=start,
    )


class _Commands:
    """What the load commands of one slice say."""

    __slots__ = ("_data", "_use", "_words", "id", "minos", "needed", "platform", "rpaths", "sdk", "signed", "uuid")

    def __init__(self, order: str, data: bytes, count: int) -> None:
        self._data = data
        self._words = Struct(f"{order}IIII")
        self._use = Struct(f"{order}I")
        self.id: Dylib | None = None
        self.needed: list[Dylib] = []
        self.rpaths: list[str] = []
        self.platform: int | None = None
        self.minos = self.sdk = 0
        self.uuid: str | None = None
        self.signed: tuple[int, int] | None = None
        two = Struct(f"{order}II")
        at = 0
        for _ in range(count):
            command, size = two.unpack_from(data, at)
            if size < 8 or at + size > len(data):
                raise MachError("load command exceeds the file")
            self._read(command, at, size)
            at += size

    def _read(self, command: int, at: int, size: int) -> None:
        if command in NEEDS:
            self.needed.append(self._dylib(NEEDS[command], at, size))
        elif command == LC_RPATH:
            self.rpaths.append(self._text(at, size, *self._use.unpack_from(self._data, at + 8)))
        elif command == LC_ID_DYLIB:
            self.id = self._dylib("id", at, size)
        elif command == LC_UUID and size >= 24:
            self.uuid = self._data[at + 8 : at + 24].hex()
        elif command == LC_CODE_SIGNATURE and size >= 16:
            _, _, offset, length = self._words.unpack_from(self._data, at)
            self.signed = (offset, length)
        elif command == LC_BUILD_VERSION and size >= 24:
            # A zippered library names two platforms; the first that is macOS counts here.
            platform, minos, sdk, _ = self._words.unpack_from(self._data, at + 8)
            if self.platform != 1:
                self.platform, self.minos, self.sdk = platform, minos, sdk
        elif command in VERSION_MIN and size >= 16 and self.platform is None:
            self.platform = VERSION_MIN[command]
            _, _, self.minos, self.sdk = self._words.unpack_from(self._data, at)

    def _dylib(self, kind: DylibKind, at: int, size: int) -> Dylib:
        if size < 24:
            raise MachError("load command exceeds the file")
        offset, stamp, current, compatible = self._words.unpack_from(self._data, at + 8)
        if kind == "load" and stamp == USE_MARKER and size >= 28:
            (flags,) = self._use.unpack_from(self._data, at + 24)
            kind = next((meaning for bit, meaning in USE_FLAGS if flags & bit), kind)
        return Dylib(self._text(at, size, offset), kind, current, compatible)

    def _text(self, at: int, size: int, offset: int) -> str:
        if not 8 <= offset < size:
            raise MachError("load command names a string beyond its end")
        end = min(at + size, at + offset + MAX_STRING)
        return self._data[at + offset : end].partition(b"\0")[0].decode("utf-8", "surrogateescape")

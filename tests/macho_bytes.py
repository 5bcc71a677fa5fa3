"""Makes Mach-O files byte by byte, signed ones included: no compiler and no Mac at hand is needed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from struct import pack, unpack_from

ARM64, X86_64, I386 = (0x0100000C, 0), (0x01000007, 3), (7, 3)
EXECUTE, DYLIB, BUNDLE, DSYM = 2, 6, 8, 10
LC_LOAD, LC_WEAK, LC_REEXPORT, LC_UPWARD, LC_LAZY = 0xC, 0x80000018, 0x8000001F, 0x80000023, 0x20
LC_ID, LC_UUID, LC_SIGNATURE, LC_RPATH, LC_BUILD = 0xD, 0x1B, 0x1D, 0x8000001C, 0x32
SYSTEM = "/usr/lib/libSystem.B.dylib"


def version(text: str) -> int:
    """16.8.8 bits of `15.4` or `15.4.1`."""
    major, minor, patch = (*map(int, text.split(".")), 0, 0)[:3]
    return major << 16 | minor << 8 | patch


@dataclass
class Slice:
    """One slice in the making."""

    cpu: tuple[int, int] = ARM64
    kind: int = BUNDLE
    id: str | None = None
    needed: tuple[str, ...] = (SYSTEM,)
    weak: tuple[str, ...] = ()
    rpaths: tuple[str, ...] = ()
    platform: int = 1
    minos: str = "11.0"
    sdk: str = "14.4"
    uuid: bytes | None = b"0123456789abcdef"
    signed: bool = False
    legacy: bool = False
    """LC_VERSION_MIN_MACOSX instead of LC_BUILD_VERSION."""
    bits: int = 64
    little: bool = True
    more: list[tuple[int, bytes]] = field(default_factory=list)
    """Further load commands: number and payload."""

    def _pack(self, layout: str, *values: int) -> bytes:
        return pack(("<" if self.little else ">") + layout, *values)

    def _command(self, number: int, payload: bytes) -> bytes:
        payload += bytes(-len(payload) % 8)
        return self._pack("II", number, len(payload) + 8) + payload

    def _dylib(self, number: int, name: str) -> bytes:
        fixed = self._pack("IIII", 24, 2, version("1.2.3"), version("1.0"))
        return self._command(number, fixed + name.encode() + b"\0")

    def build(self) -> bytes:
        """The slice's bytes."""
        commands = [self._dylib(LC_ID, self.id)] if self.id is not None else []
        commands += [self._dylib(LC_LOAD, name) for name in self.needed]
        commands += [self._dylib(LC_WEAK, name) for name in self.weak]
        commands += [self._command(LC_RPATH, self._pack("I", 12) + path.encode() + b"\0") for path in self.rpaths]
        if self.uuid is not None:
            commands.append(self._command(LC_UUID, self.uuid))
        if self.legacy:
            commands.append(self._command(0x24, self._pack("II", version(self.minos), version(self.sdk))))
        else:
            commands.append(
                self._command(LC_BUILD, self._pack("IIII", self.platform, version(self.minos), version(self.sdk), 0))
            )
        commands += [self._command(number, payload) for number, payload in self.more]
        header = 32 if self.bits == 64 else 28
        body = b"".join(commands)
        count = len(commands) + self.signed
        limit = header + len(body) + 16 * self.signed
        directory = 44 + 32 + 12
        if self.signed:
            body += self._command(LC_SIGNATURE, self._pack("II", limit, directory + 20))
        magic = 0xFEEDFACF if self.bits == 64 else 0xFEEDFACE
        head = self._pack("IiiIIII", magic, *self.cpu, self.kind, count, len(body), 0)
        data = head + bytes(header - 28) + body
        return data + (_signature(data) if self.signed else b"")


def _signature(data: bytes) -> bytes:
    """An ad hoc signature over `data`, which is one page: a super blob with one code directory (sha256)."""
    fields = (0xFADE0C02, 88, 0x20001, 0x2, 44 + 12, 44, 0, 1, len(data))
    directory = pack(">9IBBBBI", *fields, 32, 2, 0, 12, 0) + bytes(-44 % 4)
    directory = directory[:44] + b"fixture\0".ljust(12, b"\0") + hashlib.sha256(data).digest()
    return pack(">III", 0xFADE0CC0, 20 + len(directory), 1) + pack(">II", 0, 20) + directory


def fat(*slices: bytes, wide: bool = False) -> bytes:
    """A universal file of these slices, 16-byte aligned."""
    layout, size = (">iiQQII", 32) if wide else (">iiIII", 20)
    at = 8 + size * len(slices)
    entries, body = b"", b""
    for data in slices:
        at += -at % 16
        machine, subtype = _cpu(data)
        entries += pack(layout, machine, subtype, at, len(data), 4, *([0] if wide else []))
        body += bytes(at - 8 - size * len(slices) - len(body)) + data
        at += len(data)
    return pack(">II", 0xCAFEBABF if wide else 0xCAFEBABE, len(slices)) + entries + body


def _cpu(data: bytes) -> tuple[int, int]:
    machine, subtype = unpack_from("<ii" if data[:1] in (b"\xcf", b"\xce") else ">ii", data, 4)
    return machine, subtype

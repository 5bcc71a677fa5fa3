"""Makes ELF files of any class and byte order, byte by byte: what no compiler at hand would build."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import calcsize, pack

DT_NULL, DT_NEEDED, DT_STRTAB, DT_STRSZ, DT_SONAME, DT_RPATH, DT_RUNPATH = 0, 1, 5, 10, 14, 15, 29
DT_FLAGS, DT_FLAGS_1, DT_VERDEF, DT_VERNEED = 30, 0x6FFFFFFB, 0x6FFFFFFC, 0x6FFFFFFE


@dataclass
class Image:
    """One file in the making. Addresses equal offsets."""

    bits: int = 64
    little: bool = True
    machine: int = 62
    kind: int = 3
    needed: tuple[bytes, ...] = ()
    soname: bytes | None = None
    rpath: bytes | None = None
    runpath: bytes | None = None
    interp: bytes | None = None
    flags: int = 0
    flags_1: int = 0
    stack: int | None = 6
    needs: tuple[tuple[bytes, tuple[tuple[bytes, int], ...]], ...] = ()
    """(file, ((version, flags), …)) of .gnu.version_r."""
    defines: tuple[tuple[bytes, int], ...] = ()
    """(version, flags) of .gnu.version_d."""
    dynamic: bool = True
    strings: bytes = b"\0"
    more: list[tuple[int, int]] = field(default_factory=list)
    """Further entries of the dynamic section, as they are."""

    def _pack(self, layout: str, *values: int) -> bytes:
        return pack(("<" if self.little else ">") + layout, *values)

    def _name(self, text: bytes) -> int:
        at = len(self.strings)
        self.strings += text + b"\0"
        return at

    def build(self) -> bytes:
        """The file's bytes."""
        word = "Q" if self.bits == 64 else "I"
        header = 64 if self.bits == 64 else 52
        segment = 56 if self.bits == 64 else 32
        tags = [(DT_NEEDED, self._name(name)) for name in self.needed]
        for tag, text in ((DT_SONAME, self.soname), (DT_RPATH, self.rpath), (DT_RUNPATH, self.runpath)):
            if text is not None:
                tags.append((tag, self._name(text)))
        needs, defines = self._needs(), self._defines()
        count = 1 + self.dynamic + (self.interp is not None) + (self.stack is not None)
        at = header + count * segment
        place_strings = at
        place_needs = place_strings + len(self.strings)
        place_defines = place_needs + len(needs)
        place_interp = place_defines + len(defines)
        interp = b"" if self.interp is None else self.interp + b"\0"
        place_dynamic = place_interp + len(interp)
        tags += [(DT_STRTAB, place_strings), (DT_STRSZ, len(self.strings))]
        tags += [(DT_FLAGS, self.flags), (DT_FLAGS_1, self.flags_1)]
        tags += [(DT_VERNEED, place_needs)] * bool(needs) + [(DT_VERDEF, place_defines)] * bool(defines)
        tags += [*self.more, (DT_NULL, 0)]
        dynamic = b"".join(self._pack(2 * word, *tag) for tag in tags)
        total = place_dynamic + len(dynamic)
        segments = [self._segment(1, 5, 0, total)]
        if self.interp is not None:
            segments.append(self._segment(3, 4, place_interp, len(interp)))
        if self.dynamic:
            segments.append(self._segment(2, 6, place_dynamic, len(dynamic)))
        if self.stack is not None:
            segments.append(self._segment(0x6474E551, self.stack, 0, 0))
        ident = b"\x7fELF" + bytes([2 if self.bits == 64 else 1, 1 if self.little else 2, 1]) + bytes(9)
        words = (0, header, 0)
        rest = self._pack(
            f"HHI{3 * word}IHHHHHH", self.kind, self.machine, 1, *words, 0, header, segment, count, 0, 0, 0
        )
        parts = [ident, rest, *segments, self.strings, needs, defines, interp, dynamic]
        return b"".join(parts)

    def _segment(self, kind: int, flags: int, at: int, size: int) -> bytes:
        if self.bits == 64:
            return self._pack("IIQQQQQQ", kind, flags, at, at, at, size, size, 0x1000)
        return self._pack("IIIIIIII", kind, at, at, at, size, size, flags, 0x1000)

    def _needs(self) -> bytes:
        out = b""
        for number, (file, versions) in enumerate(self.needs):
            last = number == len(self.needs) - 1
            size = calcsize("=HHIII") + 16 * len(versions)
            out += self._pack("HHIII", 1, len(versions), self._name(file), 16, 0 if last else size)
            for index, (version, flags) in enumerate(versions):
                end = index == len(versions) - 1
                out += self._pack("IHHII", 0, flags, 2, self._name(version), 0 if end else 16)
        return out

    def _defines(self) -> bytes:
        out = b""
        for number, (version, flags) in enumerate(self.defines):
            last = number == len(self.defines) - 1
            out += self._pack("HHHHIII", 1, flags, number + 1, 1, 0, 20, 0 if last else 28)
            out += self._pack("II", self._name(version), 0)
        return out

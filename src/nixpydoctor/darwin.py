"""The nouns of macOS: Mach-O slices as their load commands describe them. Not in `facts`, for which every check pays.

The field names follow <mach-o/loader.h>; packed versions are 16.8.8 bits, as there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from nixpydoctor.facts import FsPath
from nixpydoctor.light import NamedTuple, dataclass


class Cpu(NamedTuple):
    """What a Mach-O slice was built for: dyld takes a slice of its own process's kind."""

    machine: int
    """`cputype` of <mach/machine.h>, for example 0x0100000C for arm64."""
    subtype: int
    """`cpusubtype` without its capability byte: 2 after arm64's type is arm64e."""

    @property
    def name(self) -> str:
        """As `lipo -archs` prints it; the bare number where no name is known."""
        return CPU_NAMES.get(self, f"{self.machine:#x}")


CPU_NAMES: Mapping[tuple[int, int], str] = {
    (0x0100000C, 0): "arm64",
    (0x0100000C, 1): "arm64",
    (0x0100000C, 2): "arm64e",
    (0x01000007, 3): "x86_64",
    (0x01000007, 8): "x86_64h",
    (7, 3): "i386",
    (12, 0): "arm",
    (18, 0): "ppc",
}

DylibKind = Literal["load", "weak", "reexport", "upward", "lazy", "delayed", "id"]


class Dylib(NamedTuple):
    """One library that a slice names: itself by LC_ID_DYLIB, or one it needs."""

    name: str
    """The install name as written, `@rpath` included."""
    kind: DylibKind = "load"
    """Only a `weak` one may be absent."""
    current: int = 0
    """Version as 16.8.8 bits."""
    compatible: int = 0


class Signature(NamedTuple):
    """An embedded code signature."""

    state: Literal["kept", "stale", "unreadable"]
    """`stale`: the first page is not the one that was signed. The kernel kills a process that maps such a page."""
    adhoc: bool = False
    hardened: bool = False
    """The hardened runtime: no DYLD_ variables, and libraries must be signed by the same team."""
    listens: bool = False
    """Entitled to hear DYLD_ variables all the same."""


@dataclass(frozen=True, slots=True)
class MachO:
    """What the load commands of one Mach-O slice say. Strings are decoded with surrogateescape."""

    path: FsPath
    identity: tuple[int, int]
    """Device and inode."""
    arch: Cpu
    kind: int
    """`filetype`: 2 a program, 6 a library, 7 the loader itself, 8 a bundle (an extension module), 10 debug symbols."""
    flags: int = 0
    id: Dylib | None = None
    needed: tuple[Dylib, ...] = ()
    rpaths: tuple[str, ...] = ()
    platform: int | None = None
    """1 macOS, 2 iOS …; None where no command says it."""
    minos: int = 0
    """The oldest system it was built for, as 16.8.8 bits."""
    sdk: int = 0
    """The SDK it was linked with, as 16.8.8 bits; dyld keeps old rules for old SDKs."""
    uuid: str | None = None
    """32 hexadecimal digits."""
    signature: Signature | None = None
    offset: int = 0
    """Where the slice begins in the file: 0 in a thin one."""


@dataclass(frozen=True, slots=True)
class System:
    """The macOS whose dyld is modelled."""

    version: tuple[int, int]
    """(15, 4) for 15.4."""
    cpu: Cpu
    """What its processes run as."""
    listed: frozenset[str] = frozenset()
    """Paths that the shared cache is known to hold: what a guess of dyld's (a fallback) must be among."""


ARM64 = Cpu(0x0100000C, 0)
X86_64 = Cpu(0x01000007, 3)

EXECUTE, DYLIB, BUNDLE = 2, 6, 8
"""`filetype` of what dyld maps."""

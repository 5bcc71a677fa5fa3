"""The Mach-O reader on files made byte by byte: every shape that dyld takes, and everything that can be wrong."""

from __future__ import annotations

import random
import struct
import tracemalloc
from typing import Any

import pytest

from macho_bytes import (
    ARM64,
    DYLIB,
    I386,
    LC_LAZY,
    LC_LOAD,
    LC_REEXPORT,
    LC_UPWARD,
    SYSTEM,
    X86_64,
    Slice,
    fat,
    version,
)
from nixpydoctor.darwin import Cpu, Dylib, MachO, Signature
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.formats.macho import parse
from nixpydoctor.formats.signature import signature

PATH = FsPath("/x/libx.dylib")
STORE = "/nix/store/0c5dpqzkajlvvgmmfkvnqkqn5mdgzcbs-gfortran-13.2.0-lib/lib/libgfortran.5.dylib"


def read_of(data: bytes) -> Any:
    """`read(offset, size)` over bytes; an offset that no file has is an error of the reader."""

    def read(offset: int, size: int) -> bytes:
        assert 0 <= offset < 1 << 62
        assert 0 <= size <= 1 << 24
        return data[offset : offset + size]

    return read


def parsed(data: bytes) -> tuple[MachO, ...] | Unread:
    return parse(read_of(data), len(data), PATH, (1, 2))


def slices(data: bytes) -> tuple[MachO, ...]:
    found = parsed(data)
    assert not isinstance(found, Unread), found
    return found


def one(made: Slice) -> MachO:
    (found,) = slices(made.build())
    return found


def refused(data: bytes) -> str:
    found = parsed(data)
    assert isinstance(found, Unread)
    assert not found.fatal
    return found.reason


@pytest.mark.parametrize("little", [True, False])
@pytest.mark.parametrize(("bits", "cpu"), [(64, ARM64), (64, X86_64), (32, I386)])
def test_every_field_is_read_in_every_class_and_byte_order(bits: int, cpu: tuple[int, int], little: bool) -> None:
    found = one(
        Slice(
            bits=bits,
            cpu=cpu,
            little=little,
            kind=DYLIB,
            id=STORE,
            needed=("@rpath/liba.dylib", SYSTEM),
            weak=("@loader_path/libw.dylib",),
            rpaths=("@loader_path/../lib", "/nix/store/abc/lib"),
            minos="11.0",
            sdk="15.4",
        )
    )
    numbers = (version("1.2.3"), version("1.0"))
    assert found.path == PATH
    assert found.identity == (1, 2)
    assert found.arch == Cpu(*cpu)
    assert found.kind == DYLIB
    assert found.id == Dylib(STORE, "id", *numbers)
    assert found.needed == (
        Dylib("@rpath/liba.dylib", "load", *numbers),
        Dylib(SYSTEM, "load", *numbers),
        Dylib("@loader_path/libw.dylib", "weak", *numbers),
    )
    assert found.rpaths == ("@loader_path/../lib", "/nix/store/abc/lib")
    assert (found.platform, found.minos, found.sdk) == (1, version("11.0"), version("15.4"))
    assert found.uuid == b"0123456789abcdef".hex()
    assert found.signature is None


def test_an_older_version_command_says_the_same() -> None:
    found = one(Slice(legacy=True, minos="10.9", sdk="10.15"))
    assert (found.platform, found.minos, found.sdk) == (1, version("10.9"), version("10.15"))


@pytest.mark.parametrize(("number", "kind"), [(LC_REEXPORT, "reexport"), (LC_UPWARD, "upward"), (LC_LAZY, "lazy")])
def test_other_ways_to_need_a_library(number: int, kind: str) -> None:
    payload = struct.pack("<IIII", 24, 2, 0, 0) + b"/usr/lib/liba.dylib\0"
    found = one(Slice(needed=(), more=[(number, payload)]))
    assert [(need.name, need.kind) for need in found.needed] == [("/usr/lib/liba.dylib", kind)]


@pytest.mark.parametrize(("flags", "kind"), [(1, "weak"), (2, "reexport"), (4, "upward"), (8, "delayed"), (0, "load")])
def test_the_newer_command_carries_its_kind_in_flags(flags: int, kind: str) -> None:
    payload = struct.pack("<IIIII", 28, 0x1A741800, 0, 0, flags) + b"/usr/lib/liba.dylib\0"
    found = one(Slice(needed=(), more=[(LC_LOAD, payload)]))
    assert [(need.name, need.kind) for need in found.needed] == [("/usr/lib/liba.dylib", kind)]


@pytest.mark.parametrize("wide", [False, True])
def test_a_fat_file_gives_one_object_per_slice(wide: bool) -> None:
    arm, intel = Slice(rpaths=("/a",)).build(), Slice(cpu=X86_64, rpaths=("/b",)).build()
    first, second = slices(fat(arm, intel, wide=wide))
    assert (first.arch.name, first.rpaths) == ("arm64", ("/a",))
    assert (second.arch.name, second.rpaths) == ("x86_64", ("/b",))
    assert 0 < first.offset < second.offset


def test_a_fat_file_may_have_one_slice() -> None:
    (only,) = slices(fat(Slice().build()))
    assert only.offset > 0


def test_load_commands_beyond_the_first_read_are_read() -> None:
    many = tuple(f"/nix/store/{index:032}-x/lib/lib{index}.dylib" for index in range(200))
    assert tuple(need.name for need in one(Slice(needed=many)).needed) == many


def test_a_signature_over_these_bytes_is_kept() -> None:
    assert one(Slice(signed=True, needed=(STORE,))).signature == Signature("kept", adhoc=True)


def test_a_signature_is_stale_once_a_name_was_changed() -> None:
    signed = Slice(signed=True, needed=(STORE,)).build()
    (found,) = slices(signed.replace(b"gfortran-13.2.0", b"gfortran-13.3.0"))
    assert found.signature == Signature("stale", adhoc=True)


def test_entitlements_of_the_hardened_runtime_are_read() -> None:
    """The blob in slot 5 of the signature (cs_blobs.h): a property list."""
    key = b"<key>com.apple.security.cs.allow-dyld-environment-variables</key>"
    for word, listens in ((b"<true/>", True), (b"<false/>", False)):
        plain = Slice(signed=True).build()
        at = plain.index(struct.pack(">I", 0xFADE0CC0))
        directory, text = plain[at + 20 :], key + word
        blob = struct.pack(">II", 0xFADE7171, 8 + len(text)) + text
        places = struct.pack(">II", 0, 28) + struct.pack(">II", 5, 28 + len(directory))
        body = struct.pack(">III", 0xFADE0CC0, 28 + len(directory) + len(blob), 2) + places + directory + blob
        found = signature(read_of(plain[:at] + body), 0, at + len(body), at, len(body))
        assert (found.state, found.listens) == ("kept", listens)


def test_a_signature_that_is_cut_off_cannot_be_judged() -> None:
    signed = Slice(signed=True).build()
    (found,) = slices(signed[:-40])
    assert found.signature == Signature("unreadable")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "file is empty"),
        (b"hello", "not a mach-o file"),
        (b"\x7fELF" + bytes(60), "not a mach-o file"),
        (b"\xca\xfe\xba\xbe\x00\x00\x00\x41" + bytes(4096), "not a mach-o file"),  # a Java class
        (b"\xca\xfe\xba\xbe\x00\x00\x00\x00", "not a mach-o file"),
        (b"\xca\xfe\xba\xbe\xff\xff\xff\xff" + bytes(4096), "not a mach-o file"),
        (b"!<arch>\n" + bytes(60), "not a mach-o file"),
    ],
)
def test_what_is_no_mach_o_is_refused_with_a_reason(data: bytes, why: str) -> None:
    assert refused(data) == why


def test_a_cut_file_is_refused() -> None:
    whole = Slice(rpaths=("/somewhere",)).build()
    for end in range(4, len(whole)):
        assert refused(whole[:end])


def test_slices_that_overlap_are_refused() -> None:
    data = bytearray(fat(Slice().build(), Slice(cpu=X86_64).build()))
    data[8 + 20 + 8 : 8 + 20 + 12] = data[16:20]
    assert refused(bytes(data)) == "fat file has overlapping slices"


def test_a_slice_beyond_the_end_is_refused() -> None:
    data = bytearray(fat(Slice().build()))
    data[16:20] = (1 << 31).to_bytes(4, "big")
    assert refused(bytes(data)) == "fat file has a slice beyond its end"


def test_a_string_beyond_its_command_is_refused() -> None:
    data = Slice(needed=(), more=[(LC_LOAD, struct.pack("<IIII", 4000, 0, 0, 0))]).build()
    assert refused(data) == "load command names a string beyond its end"


def test_mutated_files_cost_an_answer_and_nothing_else() -> None:
    """No crash, no read beyond reason, bounded memory, over files cut and changed at random."""
    seeds = [
        Slice(signed=True, rpaths=("/a", "@loader_path")).build(),
        fat(Slice(signed=True).build(), Slice(cpu=X86_64).build()),
        Slice(bits=32, cpu=I386, little=False).build(),
    ]
    draw = random.Random(7)
    tracemalloc.start()
    for _ in range(4000):
        data = bytearray(draw.choice(seeds))
        for _ in range(draw.randint(1, 8)):
            at = draw.randrange(min(len(data), 200))
            data[at] = draw.choice([0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256)])
        if draw.random() < 0.3:
            del data[draw.randrange(len(data)) :]
        found = parsed(bytes(data))
        assert isinstance(found, Unread) or all(isinstance(part, MachO) for part in found)
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()

"""The ELF reader on files made byte by byte: every class and byte order, and everything that can be wrong."""

from __future__ import annotations

import random
import struct
import sysconfig
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elf_bytes import DT_NEEDED, Image
from nixpydoctor.facts import Arch, Elf, FsPath, Unread, VersionNeed
from nixpydoctor.formats import headers
from nixpydoctor.formats.elf import MAX_VERSIONS, parse

SHAPES = [(64, True, 62), (64, False, 22), (32, True, 40), (32, False, 20), (64, True, 183)]
PATH = FsPath("/x/libx.so")


def read_of(data: bytes) -> Any:
    """`read(offset, size)` over bytes; an offset that no file has is an error of the reader."""

    def read(offset: int, size: int) -> bytes:
        assert 0 <= offset < 1 << 62
        assert 0 <= size <= 1 << 24
        return data[offset : offset + size]

    return read


def parsed(data: bytes) -> Elf | Unread:
    return parse(read_of(data), len(data), PATH, (1, 2))


def an_elf(image: Image) -> Elf:
    found = parsed(image.build())
    assert isinstance(found, Elf), found
    return found


@pytest.mark.parametrize(("bits", "little", "machine"), SHAPES)
def test_every_field_is_read_in_every_class_and_byte_order(bits: Any, little: bool, machine: int) -> None:
    found = an_elf(
        Image(
            bits=bits,
            little=little,
            machine=machine,
            needed=(b"libone.so.1", b"libtwo.so"),
            soname=b"libx.so.3",
            rpath=b"$ORIGIN/../x.libs",
            runpath=b"/opt/lib:$ORIGIN",
            interp=b"/lib/ld.so.1",
            flags=0x10,
            flags_1=0x08000800,
            stack=7,
            needs=((b"libone.so.1", ((b"ONE_1", 0), (b"ONE_2", 2))), (b"libtwo.so", ((b"TWO", 0),))),
            defines=((b"libx.so.3", 1), (b"X_1", 0), (b"X_2", 0)),
        )
    )
    assert found == Elf(
        path=PATH,
        identity=(1, 2),
        arch=Arch(machine, bits, little),
        kind=3,
        interp="/lib/ld.so.1",
        soname="libx.so.3",
        needed=("libone.so.1", "libtwo.so"),
        rpath="$ORIGIN/../x.libs",
        runpath="/opt/lib:$ORIGIN",
        nodeflib=True,
        verneed=(
            VersionNeed("libone.so.1", "ONE_1", False),
            VersionNeed("libone.so.1", "ONE_2", True),
            VersionNeed("libtwo.so", "TWO", False),
        ),
        verdef=("X_1", "X_2"),
        execstack=True,
        static_tls=True,
        pie=True,
        dynamic=True,
    )


def test_what_is_not_said_is_none_or_empty() -> None:
    found = an_elf(Image())
    assert (found.interp, found.soname, found.rpath, found.runpath) == (None, None, None, None)
    assert (found.needed, found.verneed, found.verdef) == ((), (), ())
    assert (found.nodeflib, found.static_tls, found.pie, found.execstack) == (False, False, False, False)


def test_an_empty_runpath_is_there() -> None:
    assert an_elf(Image(runpath=b"")).runpath == ""


def test_without_a_stack_header_the_machine_decides() -> None:
    assert an_elf(Image(stack=None)).execstack
    assert not an_elf(Image(stack=None, machine=183)).execstack


def test_a_static_program_has_no_dynamic_section() -> None:
    assert not an_elf(Image(kind=2, dynamic=False)).dynamic


def test_bytes_that_are_no_utf_8_survive() -> None:
    found = an_elf(Image(needed=(b"lib\xff\xfe.so", "libé.so".encode())))
    assert [name.encode("utf-8", "surrogateescape") for name in found.needed] == [b"lib\xff\xfe.so", "libé.so".encode()]


def test_strings_far_apart_in_a_large_table_are_found() -> None:
    image = Image(needed=(b"libfirst.so",))
    image.strings += b"x" * 300_000 + b"\0"
    image.soname = b"liblast.so"
    image.rpath = b"/a/very/long/path" * 100
    found = an_elf(image)
    assert (found.needed, found.soname) == (("libfirst.so",), "liblast.so")
    assert found.rpath == "/a/very/long/path" * 100


def test_of_a_tag_given_twice_the_last_counts() -> None:
    image = Image(soname=b"libx.so")
    at = len(image.strings)
    image.strings += b"libother.so\0"
    image.more.append((14, at))
    assert an_elf(image).soname == "libother.so"


def test_objects_with_the_same_tags_share_where_they_stand_and_not_their_values() -> None:
    one, other = an_elf(Image(needed=(b"liba.so", b"libb.so"))), an_elf(Image(needed=(b"libcc.so", b"libd.so")))
    assert (one.needed, other.needed) == (("liba.so", "libb.so"), ("libcc.so", "libd.so"))


def test_a_row_of_tags_that_no_honest_object_has_is_not_remembered() -> None:
    before = headers._layout.cache_info().currsize
    an_elf(Image(more=[(1000 + number, 0) for number in range(headers.MAX_USUAL)]))
    assert headers._layout.cache_info().currsize == before


# ── what no loader takes ─────────────────────────────────────────────────────────────────────────────────────────────


def broken(offset: int, data: bytes, image: Image | None = None) -> bytes:
    content = bytearray((image or Image()).build())
    content[offset : offset + len(data)] = data
    return bytes(content)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "file too short"),
        (b"GROUP ( libx.so.1 )", "file too short"),
        (b"#!/bin/sh\n" * 20, "invalid ELF header"),
        (b"PK\3\4" + bytes(100), "invalid ELF header"),
        (Image().build()[:40], "file too short"),
        (Image().build()[:100], "cannot read file data"),
        (Image(needed=(b"libone.so",)).build()[:-4], "file too short"),
        (broken(5, b"\7"), "ELF file data encoding not little-endian"),
        (broken(6, b"\2"), "ELF file version ident does not match current one"),
        (broken(7, b"\x09"), "ELF file OS ABI invalid"),
        (broken(8, b"\1"), "ELF file ABI version invalid"),
        (broken(12, b"\1"), "nonzero padding in e_ident"),
        (broken(20, b"\2"), "ELF file version does not match current one"),
        (broken(16, b"\1\0"), "only ET_DYN and ET_EXEC can be loaded"),
        (broken(54, b"\x20\0"), "ELF file's phentsize not the expected size"),
        (broken(56, b"\0\0"), "object file has no loadable segments"),
        (broken(32, b"\xff" * 8), "cannot read file data"),
        (broken(64 + 8, b"\1"), "ELF load command address/offset not page-aligned"),
    ],
)
def test_a_file_that_stops_the_loader_is_unread_in_its_words(data: bytes, reason: str) -> None:
    assert parsed(data) == Unread(PATH, reason, True)


@pytest.mark.parametrize("data", [broken(4, b"\1"), broken(4, b"\7"), broken(6, b"\2", Image(bits=32))])
def test_a_file_of_no_or_the_other_class_is_skipped(data: bytes) -> None:
    assert parsed(data) == Unread(PATH, "wrong ELF class: ELFCLASS32", False)


def test_another_machine_is_an_object_all_the_same() -> None:
    assert an_elf(Image(machine=8, little=False)).arch == Arch(8, 64, False)


# ── absurd numbers ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_version_table_that_loops_ends() -> None:
    image = Image(needs=((b"libone.so", ((b"ONE", 0),)),))
    data = bytearray(image.build())
    at = data.index(struct.pack("<HHI", 1, 1, 1))
    data[at + 12 : at + 16] = struct.pack("<I", 1)
    found = parsed(bytes(data))
    assert isinstance(found, Elf)
    assert len(found.verneed) <= MAX_VERSIONS


def test_strings_beyond_the_file_are_left_out() -> None:
    found = an_elf(Image(more=[(DT_NEEDED, 1 << 63), (DT_NEEDED, 1 << 20)], needed=(b"libone.so",)))
    assert found.needed == ("libone.so",)


def test_tables_at_absurd_addresses_are_left_out() -> None:
    found = an_elf(Image(more=[(0x6FFFFFFE, 1 << 63), (0x6FFFFFFC, (1 << 64) - 1)]))
    assert (found.verneed, found.verdef) == ((), ())


def whole() -> bytes:
    return Image(
        needed=(b"libone.so", b"libtwo.so"),
        soname=b"libx.so",
        runpath=b"$ORIGIN",
        interp=b"/lib/ld.so",
        needs=((b"libone.so", ((b"ONE", 0), (b"TWO", 0))), (b"libtwo.so", ((b"TWO", 0),))),
        defines=((b"libx.so", 1), (b"X", 0)),
    ).build()


def test_no_change_of_any_single_byte_breaks_the_reader() -> None:
    base = whole()
    for at in range(len(base)):
        for value in (0, 1, 0x7F, 0x80, 0xFF):
            assert isinstance(parsed(base[:at] + bytes([value]) + base[at + 1 :]), (Elf, Unread))


@given(st.data())
def test_no_change_of_some_words_breaks_the_reader(data: st.DataObject) -> None:
    base = bytearray(whole())
    word = st.sampled_from([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 4096])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(base) - 8))
        base[at : at + 8] = struct.pack("<Q", data.draw(word))
    cut = data.draw(st.integers(0, len(base)))
    for content in (bytes(base), bytes(base[:cut])):
        assert isinstance(parsed(content), (Elf, Unread))


@given(st.binary(max_size=300))
def test_no_bytes_after_a_good_ident_break_the_reader(rest: bytes) -> None:
    for ident in (b"\x7fELF\2\1\1" + bytes(9), b"\x7fELF\1\2\1" + bytes(9)):
        assert isinstance(parsed(ident + rest), (Elf, Unread))


def test_a_hostile_file_costs_bounded_memory() -> None:
    """A megabyte of needed entries that all name the same megabyte of text."""
    image = Image(more=[(DT_NEEDED, 1 + number) for number in range(60_000)])
    image.strings += b"A" * (1 << 20)
    data = image.build()
    tracemalloc.start()
    found = parsed(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, (Elf, Unread))
    assert peak < 64 << 20


def test_seeded_mutations_of_a_whole_file_break_nothing() -> None:
    base = whole()
    chance = random.Random(7)
    for _ in range(3000):
        content = bytearray(base)
        for _ in range(chance.randint(1, 12)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        assert isinstance(parsed(bytes(content)), (Elf, Unread))


def test_damaged_objects_of_this_machine_cost_an_answer_and_little_reading() -> None:
    """Headers and tables of real ones, hurt where it matters, whole and cut off, in a file that claims to be huge."""
    chance = random.Random(11)
    folder = Path(sysconfig.get_path("platstdlib")) / "lib-dynload"
    originals = [path.read_bytes() for path in sorted(folder.glob("*.so"))[:12]] or [whole()]
    absurd = (0, 1, 0x7FFFFFFF, 0xFFFFFFFF, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 1 << 20)
    for _ in range(1000):
        data = bytearray(chance.choice(originals))
        if chance.random() < 0.2:
            del data[chance.randrange(64, len(data)) :]
        for _ in range(chance.choice((1, 2, 5, 20))):
            at = chance.randrange(min(len(data) - 8, chance.choice((64, 800, 6000, len(data)))))
            data[at : at + 8] = struct.pack("<Q", chance.choice(absurd))
        seen: list[int] = []

        def read(offset: int, size: int, data: bytes = bytes(data), seen: list[int] = seen) -> bytes:
            assert 0 <= offset < 1 << 63
            seen.append(size)
            return data[offset : offset + size]

        assert isinstance(parse(read, chance.choice((len(data), 1 << 50)), PATH, (1, 2)), (Elf, Unread))
        assert len(seen) < 200
        assert sum(seen) < 8 << 20

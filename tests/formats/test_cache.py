"""The ld.so.cache reader on caches made byte by byte, on this machine's own, and on corrupt ones."""

from __future__ import annotations

import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixpydoctor.facts import Arch, CacheEntry, FsPath
from nixpydoctor.formats.cache import EXTENSION_MAGIC, HWCAP_EXTENSION, parse_cache, usable

X86_64 = Arch(62, 64, True)

Row = tuple[str, str, int, int]


def a_cache(
    rows: list[Row], folders: tuple[str, ...] = (), *, order: str = "<", flag: int = 2, before: bytes = b""
) -> bytes:
    """A cache file: rows of (soname, path, flags, hwcap)."""
    at = 48 + 24 * len(rows)
    strings = b""
    table = b""

    def put(text: str) -> int:
        nonlocal strings
        place = at + len(strings)
        strings += text.encode() + b"\0"
        return place

    for soname, path, flags, hwcap in rows:
        table += pack(f"{order}iIIIQ", flags, put(soname), put(path), 0, hwcap)
    places = [put(folder) for folder in folders]
    strings += b"\0" * (-len(strings) % 8)
    extension = len(before) + at + len(strings) if folders else 0
    names = pack(f"{order}{len(places)}I", *places)
    tail = pack(f"{order}IIIIII", EXTENSION_MAGIC, 1, 1, 0, extension + 24, len(names)) + names if folders else b""
    head = b"glibc-ld.so.cache1.1" + pack(f"{order}IIB3xI12x", len(rows), len(strings), flag, extension)
    return before + head + table + strings + tail


ROWS: list[Row] = [("libz.so.1", "/lib/libz.so.1", 0x303, 0), ("liba.so", "/lib32/liba.so", 3, 0)]
ENTRIES = (
    CacheEntry("libz.so.1", FsPath("/lib/libz.so.1"), 0x303, None),
    CacheEntry("liba.so", FsPath("/lib32/liba.so"), 3, None),
)


def test_entries_keep_the_order_of_the_file() -> None:
    assert parse_cache(a_cache(ROWS)) == ENTRIES


@pytest.mark.parametrize(("order", "flag"), [("<", 0), (">", 0), (">", 3)])
def test_the_byte_order_is_found_with_and_without_its_flag(order: str, flag: int) -> None:
    assert parse_cache(a_cache(ROWS, order=order, flag=flag)) == ENTRIES


def test_an_old_part_in_front_is_stepped_over() -> None:
    old = b"ld.so-1.7.0\0" + pack("=I", 3) + bytes(36)
    assert parse_cache(a_cache(ROWS, before=old + bytes(-len(old) % 8))) == ENTRIES


def test_a_hwcaps_entry_names_its_folder() -> None:
    rows: list[Row] = [("liba.so", "/lib/glibc-hwcaps/x86-64-v3/liba.so", 0x303, HWCAP_EXTENSION | 1)]
    (entry,) = parse_cache(a_cache(rows, ("x86-64-v2", "x86-64-v3")))
    assert entry.hwcap == "x86-64-v3"


def test_a_hwcap_from_before_names_is_no_plain_entry() -> None:
    (entry,) = parse_cache(a_cache([("liba.so", "/lib/tls/liba.so", 0x303, 4)]))
    assert entry.hwcap == "hwcap 0x4"


def test_flags_tell_which_loader_an_entry_is_for() -> None:
    assert usable(0x303, X86_64)
    assert not usable(3, X86_64)
    assert usable(3, Arch(3, 32, True))
    assert usable(0xA03, Arch(183, 64, True))
    assert usable(0x1234, Arch(9999, 64, True))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not an ld.so.cache"),
        (b"a text\n", "not an ld.so.cache"),
        (b"ld.so-1.7.0\0", "cut off"),
        (b"ld.so-1.7.0\0" + pack("=I", 1) + bytes(12), "before glibc 2.2"),
        (a_cache(ROWS)[:30], "cut off"),
        (a_cache(ROWS)[:60], "cut off"),
        (a_cache(ROWS)[:100], "without an end"),
        (a_cache([("a", "b", 3, HWCAP_EXTENSION)]), "does not list"),
    ],
)
def test_a_corrupt_cache_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_cache(data)


@given(st.data())
def test_no_change_of_some_bytes_brings_anything_but_a_value_error(data: st.DataObject) -> None:
    content = bytearray(a_cache([*ROWS, ("x", "/y", 0x303, HWCAP_EXTENSION)], ("x86-64-v2",)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(20, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ValueError):
        assert isinstance(parse_cache(bytes(content[: data.draw(st.integers(0, len(content)))])), tuple)


def test_this_machines_cache_reads_like_ldconfig_prints_it() -> None:
    """Where there is an ldconfig with a cache; elsewhere there is nothing to compare with."""
    ldconfig = shutil.which("ldconfig", path="/sbin:/usr/sbin:/run/current-system/sw/bin")
    cache = Path("/etc/ld.so.cache")
    if ldconfig is None or not cache.exists():
        pytest.skip("this machine has no ld.so.cache")
    out = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=True).stdout
    printed = re.findall(r"^\t(\S+) \(.*?\) => (.+)$", out, re.MULTILINE)
    assert [(entry.soname, entry.path) for entry in parse_cache(cache.read_bytes())] == printed

"""Initialisers, in objects that gcc built with either hash table, with neither, and in files that are no objects."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from elf_bytes import Image
from nixpydoctor.formats.exports import exports

SOURCE = """
void *PyInit_one(void) { return 0; }
__attribute__((weak)) void *PyInit_two(void) { return 0; }
__attribute__((visibility("hidden"))) void *PyInit_hidden(void) { return 0; }
static void *PyInit_local(void) { return 0; }
extern void *PyInit_undefined(void);
void *NotPyInit_three(void) { return PyInit_undefined() ? PyInit_local() : PyInit_hidden(); }
"""


NAMES = ("PyInit_one", "PyInit_two", "PyInit_hidden", "PyInit_local", "PyInit_undefined", "PyInit_x", "PyInit_last")


def inits(data: bytes) -> tuple[str, ...]:
    return tuple(name for name in NAMES if exports(lambda at, size: data[at : at + size], len(data), name))


def built(folder: Path, *flags: str, source: str = SOURCE, language: str = "c") -> bytes:
    gcc = shutil.which("gcc")
    assert gcc is not None, "this test builds objects: it needs gcc on PATH"
    out = folder / "x.so"
    command = [gcc, "-shared", "-fPIC", "-nostdlib", "-w", f"-x{language}", "-", "-o", str(out), *flags]
    subprocess.run(command, input=source, text=True, check=True)
    return out.read_bytes()


@pytest.mark.parametrize("style", ["sysv", "gnu", "both"])
def test_only_what_the_object_defines_for_others_counts(tmp_path: Path, style: str) -> None:
    assert inits(built(tmp_path, f"-Wl,--hash-style={style}")) == ("PyInit_one", "PyInit_two")


def test_without_a_hash_table_the_sections_tell(tmp_path: Path) -> None:
    data = bytearray(built(tmp_path, "-Wl,--hash-style=sysv"))
    tag = struct.pack("<QQ", 4, data.index(struct.pack("<Q", 5)) and 0)[:8]
    at = next(
        place for place in range(0, len(data) - 16, 8) if data[place : place + 8] == tag and _is_dynamic(data, place)
    )
    data[at : at + 8] = struct.pack("<Q", 0x6FFFFEF0)
    assert inits(bytes(data)) == ("PyInit_one", "PyInit_two")


def _is_dynamic(data: bytearray, place: int) -> bool:
    """Whether the entry there is followed by one for the string table, as ld writes it."""
    return bool(data[place + 16 : place + 24] == struct.pack("<Q", 5))


def test_an_object_that_only_mentions_one_defines_none(tmp_path: Path) -> None:
    assert inits(built(tmp_path, source="extern int PyInit_x(void); int f(void) { return PyInit_x(); }")) == ()


def test_a_large_symbol_table_is_searched_to_its_end(tmp_path: Path) -> None:
    names = [*(f"a_symbol_with_a_long_name_{number}" for number in range(60_000)), "PyInit_last"]
    source = "".join(f".globl {name}\n{name} = 1\n" for name in names)
    assert inits(built(tmp_path, source=source, language="assembler")) == ("PyInit_last",)


@pytest.mark.parametrize("data", [b"", b"text" * 30, Image().build(), Image(dynamic=False, kind=2).build()])
def test_what_exports_nothing_has_none(data: bytes) -> None:
    assert inits(data) == ()


def test_absurd_tables_bring_nothing(tmp_path: Path) -> None:
    data = built(tmp_path, "-Wl,--hash-style=gnu")
    for at in range(64, len(data) - 8, 8):
        changed = data[:at] + b"\xff" * 8 + data[at + 8 :]
        assert set(inits(changed)) <= {"PyInit_one", "PyInit_two", "PyInit_undefined"}

"""One symbol is looked up in an object's hash table as a loader does it, and no file can stop the look-up."""

from __future__ import annotations

import os
import random
import sysconfig
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from nixpydoctor.formats.exports import exports

DYNLOAD = Path(sysconfig.get_path("stdlib")) / "lib-dynload"
OBJECTS = sorted(DYNLOAD.glob("*.so"))[:12]


def ask(data: bytes, symbol: str) -> bool | None:
    return exports(lambda offset, size: data[offset : offset + size], len(data), symbol)


@pytest.mark.parametrize("path", OBJECTS, ids=lambda path: path.name)
def test_every_symbol_is_found_that_the_table_defines_and_no_other(path: Path) -> None:
    data = path.read_bytes()
    with path.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".dynsym")
        assert isinstance(table, SymbolTableSection)
        symbols = list(table.iter_symbols())
    for symbol in symbols:
        if symbol.name:
            assert ask(data, symbol.name) is (symbol["st_shndx"] != "SHN_UNDEF"), symbol.name
    assert ask(data, "PyInit_no_such_module") is False
    assert ask(data, "") is False


def compiled(folder: Path, style: str) -> bytes:
    (folder / "x.c").write_text("int PyInit_x(void) { return 1; } extern int other; int y(void) { return other; }\n")
    out = folder / "x.so"
    command = f"gcc -shared -fPIC -nostdlib -Wl,--hash-style={style} -o {out} {folder}/x.c"
    assert os.system(command) == 0, "this test compiles an object: it needs gcc on PATH"
    return out.read_bytes()


@pytest.mark.parametrize("style", ["gnu", "sysv", "both"])
def test_both_kinds_of_hash_table_are_read(tmp_path: Path, style: str) -> None:
    data = compiled(tmp_path, style)
    assert (ask(data, "PyInit_x"), ask(data, "other"), ask(data, "PyInit_z")) == (True, False, False)


@pytest.mark.parametrize("data", [b"", b"text", b"\x7fELF", b"\x7fELF" + b"\xff" * 5000, b"PK\x03\x04" + bytes(500)])
def test_what_is_no_object_has_no_answer(data: bytes) -> None:
    assert ask(data, "PyInit_x") is None


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_object_gives_some_answer_and_reads_little(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(OBJECTS[seed % len(OBJECTS)].read_bytes())
    for _ in range(300):
        for _ in range(12):
            data[chance.randrange(min(len(data), 6000))] = chance.randrange(256)
        seen = 0

        def read(offset: int, size: int) -> bytes:
            nonlocal seen
            seen += size
            return bytes(data[offset : offset + size])

        assert exports(read, len(data), "PyInit_x") in (True, False, None)
        assert seen < 1 << 21

"""The tables of symbols: the same names as pyelftools reads, and nothing but a refusal for a damaged file."""

from __future__ import annotations

import random
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path
from struct import error

import pytest
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerSymSection

from nixpydoctor.formats.headers import RefusedError
from nixpydoctor.formats.symbols import AT_ONCE, DT_PLTRELSZ, DT_RELASZ, MAX_RELOCATIONS, Symbols, hashed
from oracle.workshop import retagged

TYPES = {"STT_NOTYPE", "STT_OBJECT", "STT_FUNC", "STT_COMMON", "STT_TLS", "STT_LOOS"}


def reading(data: bytes) -> Callable[[int, int], bytes]:
    return lambda offset, size: data[offset : offset + size]


def is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def real() -> list[Path]:
    """Objects of this machine, small and large, in C and C++; pyelftools needs a second for the largest ones."""
    folders = [Path(sysconfig.get_path("platstdlib")) / "lib-dynload", Path("/usr/lib/x86_64-linux-gnu"), Path("/lib")]
    found = [path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.so*")) if path.is_file()]
    chosen = [path for path in found if path.stat().st_size < 1_000_000 and is_elf(path)]
    assert chosen, "no shared object on this machine"
    large = [path for path in found if path.name.startswith("libstdc++.so.6")][:1]
    return [*chosen[:: max(len(chosen) // 40, 1)], *large]


def by_pyelftools(path: Path) -> tuple[set[bytes], set[bytes], set[bytes]]:
    """Strong undefined names, those of them without a version, and defined ones."""
    with path.open("rb") as file:
        elf = ELFFile(file)
        versions = next((part for part in elf.iter_sections() if isinstance(part, GNUVerSymSection)), None)
        dynamic = next(part for part in elf.iter_segments() if isinstance(part, DynamicSegment))
        every, plain, defined = set(), set(), set()
        for number, symbol in enumerate(dynamic.iter_symbols()):
            told = versions.get_symbol(number)["ndx"] if versions is not None else "VER_NDX_GLOBAL"
            version = {"VER_NDX_LOCAL": 0, "VER_NDX_GLOBAL": 1}.get(str(told)) if isinstance(told, str) else int(told)
            assert version is not None
            name = symbol.name.encode()
            binding, kind = symbol["st_info"]["bind"], symbol["st_info"]["type"]
            if symbol["st_shndx"] == "SHN_UNDEF":
                if binding == "STB_GLOBAL" and name:
                    every.add(name)
                    plain |= {name} if version & 0x7FFF < 2 else set()
            elif binding in ("STB_GLOBAL", "STB_WEAK", "STB_LOOS") and kind in TYPES:
                hidden = version >= 0x8000 and version & 0x7FFF >= 3
                counts = symbol["st_value"] or symbol["st_shndx"] == "SHN_ABS" or kind == "STT_TLS"
                defined |= {name} if counts and not hidden else set()
        return every, plain, defined


@pytest.mark.parametrize("path", real(), ids=lambda path: path.name)
def test_the_names_are_those_that_pyelftools_reads(path: Path) -> None:
    every, plain, defined = by_pyelftools(path)
    table = Symbols(reading(path.read_bytes()), path.stat().st_size)
    assert set(table.wanted(every=True)) == every
    assert set(table.wanted()) == plain
    assert table.defined() == defined
    hashes = table.hashes()
    assert hashes is None or hashes == set(map(hashed, defined))


def test_most_objects_tell_their_names_by_hash() -> None:
    """Without that, each library's names would be read one by one."""
    told = [Symbols(reading(path.read_bytes()), path.stat().st_size).hashes() for path in real()]
    assert sum(1 for hashes in told if hashes) > len(told) // 2


@pytest.mark.parametrize(
    "name", [b"", b"a", b"printf", b"_ZNSt6vectorIiSaIiEE9push_backEOi", "größe".encode(), b"x" * 5000]
)
def test_the_hash_is_that_of_the_loader_but_for_its_lowest_bit(name: bytes) -> None:
    number = 5381  # dl_new_hash
    for byte in name:
        number = (number * 33 + byte) & 0xFFFFFFFF
    assert hashed(name) == number | 1


def test_what_is_known_is_left_out_and_the_order_stays(tmp_path: Path) -> None:
    code = "int one(void); int two(void); int three(void); int call(void) { return one() + two() + three(); }"
    target = tmp_path / "lib.so"
    command = ["gcc", "-shared", "-fPIC", "-nostdlib", "-xc", "-", "-o", str(target)]
    subprocess.run(command, input=code, text=True, check=True)
    data = target.read_bytes()
    table = Symbols(reading(data), len(data))
    names = table.wanted()
    assert sorted(names) == [b"one", b"three", b"two"]
    assert table.wanted(frozenset({b"two"})) == [name for name in names if name != b"two"]
    assert sorted(table.bound(names)) == sorted(names)
    assert table.bound([b"four"]) == []


def test_a_damaged_file_is_refused_or_read_and_never_worse(tmp_path: Path) -> None:
    """Hundreds of damages of a real object: its tables may be nonsense, the reader is not."""
    data = min(real(), key=lambda path: path.stat().st_size).read_bytes()
    chance = random.Random(111)
    for _ in range(600):
        hurt = bytearray(data[: chance.randrange(64, len(data))] if chance.random() < 0.3 else data)
        for _ in range(chance.randrange(1, 30)):
            place = chance.randrange(min(len(hurt), chance.choice((256, 4096, len(hurt)))))
            hurt[place] = chance.choice((0, 1, 255, chance.randrange(256)))
        try:
            table = Symbols(reading(bytes(hurt)), len(hurt))
            table.bound(table.wanted(every=True))
            table.hashes()
            table.defined()
        except (RefusedError, error):
            continue


def test_a_file_with_holes_may_promise_any_number_of_relocations(tmp_path: Path) -> None:
    """A terabyte of them costs no space on the disk, and must cost none here."""
    code = "int one(void); int call(void) { return one(); } int (*pointer)(void) = one;"
    target = tmp_path / "lib.so"
    command = ["gcc", "-shared", "-fPIC", "-nostdlib", "-xc", "-", "-o", str(target)]
    subprocess.run(command, input=code, text=True, check=True)
    promised = 1 << 40
    for tag in (DT_RELASZ, DT_PLTRELSZ):
        retagged(target, tag, tag, promised)
    data = target.read_bytes()
    asked: list[int] = []

    def read(offset: int, size: int) -> bytes:
        asked.append(size)
        return data[offset : offset + size]

    assert Symbols(read, promised).bound([b"one"]) == [b"one"]
    assert max(asked) <= AT_ONCE
    assert sum(asked) <= 3 * MAX_RELOCATIONS

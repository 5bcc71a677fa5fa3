"""What a compiled module imports from C, as far as the names in its constant data tell."""

from __future__ import annotations

import struct

import pytest

from nixpydoctor.edges import Attempt, Handler, Import, Source
from nixpydoctor.formats.source import compiled

NEW, OLD = "numpy._core._multiarray_umath", "numpy.core._multiarray_umath"
ALLOC, WRITE, EXECUTE = 2, 1, 4


def an_object(*sections: tuple[int, int, bytes], bits: int = 64, little: bool = True) -> bytes:
    """An ELF file with these sections (type, flags, content) and nothing else."""
    order, wide = ("<" if little else ">"), bits == 64
    word = "Q" if wide else "I"
    head = 64 if wide else 52
    place, table, contents = head, b"", b""
    for kind, flags, content in sections:
        table += struct.pack(f"{order}II{word * 4}", 0, kind, flags, 0, place, len(content))
        table += bytes(24 if wide else 16)
        contents += content
        place += len(content)
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if little else 2, 1]) + bytes(9)
    size = 64 if wide else 40
    rest = struct.pack(f"{order}HHI{word * 3}IHHHHHH", 3, 62, 1, 0, 0, place, 0, head, 0, 0, size, len(sections), 0)
    return ident + rest + contents + table


def named(data: bytes) -> Source:
    return compiled(lambda offset, size: data[offset : offset + size], len(data))


def text(*names: str) -> bytes:
    return b"".join(name.encode() + b"\0" for name in ("numpy", *names, "%s is not"))


@pytest.mark.parametrize("name", [NEW, OLD])
@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize("little", [True, False], ids=["little", "big"])
def test_a_name_in_constant_data_is_an_import(name: str, bits: int, little: bool) -> None:
    assert named(an_object((1, ALLOC, text(name)), bits=bits, little=little)) == Source((Import(name),))


def test_of_two_spellings_the_first_that_exists_counts() -> None:
    """numpy 2 renamed `numpy.core`; an extension built for both tries the new name first."""
    inner = Handler(("ModuleNotFoundError",), "", (Import(OLD),))
    assert named(an_object((1, ALLOC, text(OLD, NEW)))) == Source((Attempt((Import(NEW),), (inner,)),))


@pytest.mark.parametrize(
    "section",
    [
        (1, ALLOC | EXECUTE, text(NEW)),
        (1, 0, text(NEW)),
        (8, ALLOC | WRITE, text(NEW)),
        (1, ALLOC, text("numpy")),
        (1, ALLOC, text(f"{NEW}s")),
        (1, ALLOC, text("numpy._core._multiarray_umath.add")),
    ],
    ids=["code", "debug-data", "no-content", "numpy-alone", "a-longer-name", "a-name-in-it"],
)
def test_a_name_that_is_no_import_of_compiled_code_is_not_taken_for_one(section: tuple[int, int, bytes]) -> None:
    assert named(an_object((1, ALLOC, b"\0"), section)) == Source()
    assert named(an_object((1, ALLOC, b"\0"), section, bits=32, little=False)) == Source()


def test_a_file_without_section_headers_is_looked_through_as_a_whole() -> None:
    assert named(an_object() + text(NEW)) == Source((Import(NEW),))


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"MZ" + text(NEW) * 3, b"\x7fELF\x03" + text(NEW) * 3])
def test_a_file_that_is_no_object_names_nothing(data: bytes) -> None:
    assert named(data) == Source()


@pytest.mark.parametrize("name", [NEW, OLD])
def test_a_name_is_found_wherever_it_stands_in_large_data(name: str) -> None:
    """Data are looked through piece by piece: no border between two may hide a name."""
    for place in range((1 << 17) - 200, 1 << 17):
        assert named(an_object((1, ALLOC, bytes(place) + text(name) + bytes(1 << 10)))) == Source((Import(name),))

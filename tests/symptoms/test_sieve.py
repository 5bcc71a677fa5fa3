"""Of a stream without end the beginning, the end and the trouble between are kept, in bounded memory."""

from __future__ import annotations

import pytest

from nixpydoctor.symptoms.sieve import HEAD, MIDDLE, TAIL, Sieve

LINE = b"nothing of interest happens in this line\n"
TROUBLE = b"ImportError: libz.so.1: cannot open shared object file\n"


def sifted(*parts: bytes) -> Sieve:
    sieve = Sieve()
    for part in parts:
        sieve.feed(part)
    return sieve


@pytest.mark.parametrize("size", [1, 7, 4096, 100_000, 10_000_000])
def test_a_text_that_fits_is_kept_whole_however_it_comes(size: int) -> None:
    data = b"".join(b"%d\n" % number for number in range(60_000 if size > 10 else 3000))
    sieve = sifted(*(data[start : start + size] for start in range(0, len(data), size)))
    assert sieve.text().encode() == data
    assert (sieve.size, sieve.left_out) == (len(data), 0)


@pytest.mark.parametrize("size", [65536, 50_000_000])
def test_of_a_long_one_both_ends_and_the_trouble_are_kept(size: int) -> None:
    filler = LINE * 150_000
    data = b"first\n" + filler + TROUBLE + filler + b"last\n"
    sieve = sifted(*(data[start : start + size] for start in range(0, len(data), size)))
    text = sieve.text()
    assert text.startswith("first\n")
    assert text.endswith("last\n")
    assert TROUBLE.decode() in text
    assert len(text) <= HEAD + MIDDLE + 2 * TAIL + 100
    assert sieve.left_out > 0
    assert sieve.size == len(data)


def test_trouble_without_end_is_kept_in_bounds() -> None:
    sieve = sifted(*[TROUBLE * 20_000] * 20)
    assert len(sieve.text()) <= HEAD + MIDDLE + 2 * TAIL + 100


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert sifted(b"a\xffb").text() == "a\ufffdb"
    assert sifted(b"\xc3", b"\xa9").text() == "é"

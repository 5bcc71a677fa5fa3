"""Strings by their offsets: the same whether a table is taken apart as a whole or string by string."""

from __future__ import annotations

import random

import pytest

from nixpydoctor.formats.string_tables import MAX_NAME, MAX_STRINGS, distinct, strings

NAMES = [b"", b"fprintf", b"malloc", b"x" * 700, b"PyObject_Call", "größe".encode(), b"free"]
TABLE = b"\0".join(NAMES) + b"\0"
HEAD = b"HEAD"
AT = {name: TABLE.index(b"\0" + name + b"\0") + 1 if name else 0 for name in NAMES}


class Reading:
    """Reads bytes, and knows how many it was asked for."""

    def __init__(self, data: bytes) -> None:
        self.data, self.asked = data, 0

    def __call__(self, offset: int, size: int) -> bytes:
        self.asked += size
        return self.data[offset : offset + size]


@pytest.mark.parametrize("name", NAMES)
def test_every_string_is_found_at_its_offset(name: bytes) -> None:
    assert strings(Reading(HEAD + TABLE), len(HEAD), [AT[name]]) == [name]
    assert distinct(Reading(HEAD + TABLE), len(HEAD), [AT[name]]) == [name]


def test_strings_come_in_the_order_of_the_offsets_and_distinct_ones_in_that_of_the_table() -> None:
    offsets = [AT[b"malloc"], AT[b"fprintf"], AT[b"malloc"]]
    assert strings(Reading(HEAD + TABLE), len(HEAD), offsets) == [b"malloc", b"fprintf", b"malloc"]
    assert distinct(Reading(HEAD + TABLE), len(HEAD), offsets) == [b"fprintf", b"malloc"]


def test_the_end_of_another_string_is_one_too() -> None:
    """Linkers store `printf` as the end of `fprintf`."""
    inside = AT[b"fprintf"] + 1
    for offsets in ([inside], [inside, AT[b"malloc"]], [inside, AT[b"fprintf"], AT[b"malloc"]]):
        assert set(distinct(Reading(HEAD + TABLE), len(HEAD), offsets)) == {
            {AT[b"fprintf"]: b"fprintf", inside: b"printf", AT[b"malloc"]: b"malloc"}[at] for at in offsets
        }


def test_both_ways_agree_about_any_offsets() -> None:
    chance = random.Random(5)
    for _ in range(400):
        table = bytes(chance.choice(b"\0\0abcd\1\2") for _ in range(chance.randrange(1, 400)))
        offsets = [chance.randrange(len(table)) for _ in range(chance.randrange(1, 40))]
        found = distinct(Reading(table), 0, offsets)
        assert sorted(found) == sorted(strings(Reading(table), 0, sorted(set(offsets))))


def test_an_open_end_is_an_end_and_beyond_the_file_is_nothing() -> None:
    assert distinct(Reading(b"\0one\0two"), 0, [1, 5]) == [b"one", b"two"]
    assert distinct(Reading(b"\0one\0"), 0, [1, 60]) == [b"one", b""]
    assert distinct(Reading(b"\0one\0"), 0, []) == strings(Reading(b""), 0, []) == []


def test_a_long_name_is_read_to_its_end() -> None:
    table = b"\0short\0" + b"n" * 5000 + b"\0"
    assert distinct(Reading(table), 0, [1, 7]) == [b"short", b"n" * 5000]


def test_no_more_is_read_than_between_the_strings_that_are_asked_for() -> None:
    table = b"\0one\0" + b"x\0" * 100_000 + b"two\0" + b"y\0" * 100_000
    reading = Reading(table)
    assert distinct(reading, 0, [table.index(b"two")]) == [b"two"]
    assert reading.asked <= MAX_NAME
    far = Reading(b"\0one\0")
    assert distinct(far, 0, [1, MAX_STRINGS + 2]) == []
    assert far.asked == 0

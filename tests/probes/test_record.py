"""RECORD files: the fast reader sees what a CSV reader sees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nixpydoctor.probes.record import Record, read_record

PARTS = st.sampled_from(
    ["a", "b.py", "c.so", "__init__.py", "lib.so.1", "bin", "x.libs", "d-1.dist-info", "é", "e.so.py"]
)
PATHS = st.lists(st.lists(PARTS, min_size=1, max_size=4).map("/".join), max_size=12)


@given(PATHS)
def test_searching_the_bytes_finds_what_parsing_every_line_finds(paths: list[str]) -> None:
    plain = "".join(f"{path},sha256=x,1\n" for path in paths).encode()
    quoted = "".join(f'"{path}",sha256=x,1\n' for path in paths).encode()
    fast, slow = read_record(plain), read_record(quoted)
    assert (fast.objects, fast.programs, fast.tops) == (slow.objects, slow.programs, slow.tops)


def test_names_with_commas_quotes_and_newlines_are_read_as_csv() -> None:
    record = read_record(b'"a,b/x.so",,\n"c""d/y.so",,\n"e\nf/z.so",,\n')
    assert record.objects == ("a,b/x.so", 'c"d/y.so', "e\nf/z.so")


def test_windows_line_ends_are_no_part_of_a_name() -> None:
    assert read_record(b"a/x.so\r\nb/y.so,,\r\n").objects == ("a/x.so", "b/y.so")


def test_a_name_that_only_contains_so_is_no_object() -> None:
    assert read_record(b"a/x.source,,\na/y.sock,,\na/z.so.py,,\na/v.so.txt,,\n").objects == ()


def test_a_top_folder_counts_as_source_only_where_code_lies_below_it() -> None:
    data = (
        b"pack/__init__.py,,\nspace/deep/x.py,,\ndata/x.txt,,\nmod.py,,\nx.libs/liba.so.1,,\nd-1.dist-info/RECORD,,\n"
    )
    assert read_record(data).sources == {"pack", "space", "mod.py"}


def test_rubbish_is_an_empty_record() -> None:
    assert read_record(b"\0\xff\n\n,,,\n") == Record(tops=read_record(b"\0\xff\n\n,,,\n").tops)
    assert read_record(b'"' + b"x" * 200_000).objects == ()

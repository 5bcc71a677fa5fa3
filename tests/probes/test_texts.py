"""Texts of a real program are found where a loader maps them, and no further than somebody is ready to look."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from nixpydoctor.files import HERE
from nixpydoctor.probes.texts import Texts

CODE = 'const char padding[1 << 20] = {1}; const char mark[] = "a mark of ours"; int main(void) { return mark[0]; }'


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program with a text behind a megabyte of data, and another one behind its end."""
    path = tmp_path_factory.mktemp("texts") / "program"
    subprocess.run(["gcc", "-xc", "-", "-o", str(path)], input=CODE, text=True, check=True)
    with path.open("ab") as file:
        file.write(b"what nobody maps")
    return path


def test_what_is_mapped_is_found_and_what_follows_is_not(program: Path) -> None:
    with Texts(str(program), HERE) as texts:
        assert texts.has(b"a mark of ours")
        assert not texts.has(b"what nobody maps")


def test_a_search_ends_after_as_many_bytes_as_it_may_see(program: Path) -> None:
    with Texts(str(program), HERE) as texts:
        assert texts.any(b"a mark of ours", most=1 << 19) is None
        assert texts.any(b"a mark of ours", most=1 << 21) == b"a mark of ours"


def test_a_file_that_is_no_object_has_no_texts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a mark of ours")
    with Texts(str(tmp_path / "file"), HERE) as texts:
        assert not texts
        assert not texts.has(b"a mark of ours")

"""Reading what a person named: a pipe without a writer is a sentence, one with a slow writer is read to its end."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nixpydoctor import named_file
from tool import started


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    made = tmp_path / "a pipe"
    os.mkfifo(made)
    return made


def test_a_file_is_read_as_far_as_it_may(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 3_000_000)
    assert named_file.read(str(file), 5_000_000) == b"x" * 3_000_000
    assert 1_000_000 < len(named_file.read(str(file), 1_000_000)) < 3_000_000


def test_a_folder_is_none(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        named_file.read(str(tmp_path), 10)


def test_a_writer_may_come_late_and_take_its_time(pipe: Path) -> None:
    def write() -> None:
        time.sleep(0.3)
        with pipe.open("wb", buffering=0) as end:
            end.write(b"one ")
            time.sleep(0.3)
            end.write(b"two")

    writer = threading.Thread(target=write)
    writer.start()
    assert named_file.read(str(pipe), 100) == b"one two"
    writer.join()


NAMED = (
    ("check", "--facts"), ("check", "--config"), ("check", "--baseline"), ("config", "--config"),
    ("explain", "--file"), ("tree", "numpy", "--facts"),
)  # fmt: skip
"""Wherever a file can be named."""


def test_nobody_waits_for_a_pipe_without_a_writer(pipe: Path) -> None:
    """The sentence says which one and why. Each of them waits a while for a writer, so all of them do it at once."""
    with ThreadPoolExecutor(len(NAMED)) as pool:
        said = list(pool.map(lambda words: started(*words, str(pipe)), NAMED))
    for words, told in zip(NAMED, said, strict=True):
        assert (told.returncode, told.stdout) == (2, ""), words
        assert told.stderr.count("\n") == 1, words
        assert "a pipe cannot be read: it is a pipe, and nobody writes into it." in told.stderr, words

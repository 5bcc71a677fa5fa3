"""Sources that only the target's Python can parse."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nixpydoctor.disk import Disk
from nixpydoctor.edges import Import, Source
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.formats.source import parse
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.probes.sources import Elsewhere

TEXT = """\
import os, sys as system
try:
    from . import _fast
except (ImportError, OSError) as error:
    _fast = None
if _fast is None:
    from . import _slow
def _load(name="libx.so.1", *, mode=0):
    import ctypes
    return ctypes.CDLL(name, mode)
lib = _load()
"""
BROKEN = "import os\nif os.name = 1:\n    import absent\n"


def pythons() -> list[str]:
    """This Python, and every other one that pyenv keeps."""
    others = sorted(Path("~/.pyenv/versions").expanduser().glob("3.*/bin/python3"))
    return [sys.executable, *map(str, others)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A package with a source that anybody can parse, and one that nobody can."""
    (tmp_path / "mod.py").write_text(TEXT)
    (tmp_path / "broken.py").write_text(BROKEN)
    return tmp_path


@pytest.mark.parametrize("python", pythons())
def test_a_child_of_any_python_lowers_as_the_tool_does(python: str, folder: Path) -> None:
    elsewhere = Elsewhere(python, os.environ)
    assert elsewhere(FsPath(f"{folder}/mod.py")) == parse(TEXT.encode())
    assert elsewhere(FsPath(f"{folder}/broken.py")) is None


def test_nothing_is_written_beside_the_sources(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    Elsewhere(sys.executable, os.environ)(FsPath(f"{folder}/mod.py"))
    assert sorted(folder.rglob("*")) == before


def a_script(path: Path, *lines: str) -> str:
    """A program that counts its starts in the file beside it."""
    path.write_text("\n".join(["#!/bin/sh", f"echo x >> {path}.starts", *lines, ""]))
    path.chmod(0o755)
    return str(path)


def starts(path: Path) -> int:
    """How often it was started."""
    count = path.with_name(f"{path.name}.starts")
    return len(count.read_text().split()) if count.exists() else 0


@pytest.mark.parametrize(
    "line", ["exit 3", "echo nonsense; exit 0", "echo '[1]'; echo '[2]'; echo '[3]'", "kill -9 $$"]
)
def test_a_python_that_gives_no_answer_is_not_asked_again(line: str, folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "python"
    elsewhere = Elsewhere(a_script(script, line), os.environ, timeout=5)
    for name in ("mod.py", "broken.py", "other.py"):
        assert elsewhere(FsPath(f"{folder}/{name}")) is None
    assert starts(script) <= 2


def test_a_python_that_hangs_is_ended(folder: Path, tmp_path: Path) -> None:
    elsewhere = Elsewhere(a_script(tmp_path / "python", "sleep 60"), os.environ, timeout=0.2)
    assert elsewhere(FsPath(f"{folder}/mod.py")) is None


def test_one_child_reads_all_of_a_folder_that_needs_it(folder: Path, tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (folder / name).write_text(BROKEN)
    script = tmp_path / "python"
    elsewhere = Elsewhere(a_script(script, f'exec {sys.executable} "$@"'), os.environ)
    for name in ("broken.py", "a.py", "b.py"):
        assert elsewhere(FsPath(f"{folder}/{name}")) is None
    assert starts(script) == 1


def test_the_disk_asks_elsewhere_only_for_what_it_cannot_parse_itself(folder: Path) -> None:
    asked: list[str] = []

    def elsewhere(path: FsPath) -> Source:
        asked.append(path)
        return Source((Import("other"),))

    disk = Disk(DiskReader(elsewhere=elsewhere))
    assert disk.imports(FsPath(f"{folder}/mod.py")) == parse(TEXT.encode())
    assert disk.imports(FsPath(f"{folder}/broken.py")) == Source((Import("other"),))
    assert asked == [f"{folder}/broken.py"]


def test_what_nobody_can_parse_is_unread(folder: Path) -> None:
    found = Disk(DiskReader()).imports(FsPath(f"{folder}/broken.py"))
    assert isinstance(found, Unread)
    assert "parsed" in found.reason

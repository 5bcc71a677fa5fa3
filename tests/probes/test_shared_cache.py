"""dyld is asked where there is one: here a library of our own answers in its place, through the same call."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath
from nixpydoctor.probes import shared_cache
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.probes.shared_cache import NAME, contains, of

HELD = "/usr/lib/libz.1.dylib"


@pytest.fixture
def dyld(tmp_path: Path) -> str:
    """A library whose shared cache holds one name."""
    gcc = shutil.which("gcc")
    assert gcc is not None, "the tests compile small objects: they need gcc on PATH"
    text = f'#include <stdbool.h>\n#include <string.h>\nbool {NAME}(const char *p) {{ return !strcmp(p, "{HELD}"); }}\n'
    (tmp_path / "x.c").write_text(text)
    subprocess.run([gcc, "-shared", "-fPIC", "-o", tmp_path / "x.so", tmp_path / "x.c"], check=True)
    return str(tmp_path / "x.so")


def test_a_name_is_held_or_not(dyld: str) -> None:
    asks = of(dyld)
    assert asks is not None
    assert asks(HELD)
    assert not asks("/usr/lib/libgfortran.5.dylib")
    assert not asks(f"{HELD}\0")
    assert not asks("/usr/lib/\udcff.dylib")


def test_nobody_knows_where_no_dyld_is(tmp_path: Path) -> None:
    assert of(str(tmp_path / "gone.so")) is None
    if sys.platform != "darwin":
        assert of(None) is None
        assert contains(HELD) is None


def test_what_it_said_is_recorded_and_replayed(dyld: str) -> None:
    disk = Disk(DiskReader(cached=of(dyld) or shared_cache.contains))
    other = FsPath("/usr/lib/libgone.dylib")
    assert (disk.cached(FsPath(HELD)), disk.cached(other)) == (True, False)
    again = Disk.replayed(disk.recorded())
    assert (again.cached(FsPath(HELD)), again.cached(other)) == (True, False)
    assert again.cached(FsPath("/usr/lib/libnever.dylib")) is None, "never asked: the folder's name decides"

"""Openers: the outermost sources of wheels without a binary interface are looked into, and all that use cffi."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixpydoctor.facts import FsPath
from nixpydoctor.probes.openers import opens

ANY = ("py3-none-any",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import ctypes\nlib = ctypes.CDLL('libmagic.so.1')\n", True),
        ("from cffi import FFI\nffi = FFI()\nffi.dlopen('x')\n", True),
        ("from ctypes.util import find_library\nfind_library('usb')\n", True),
        ("import ctypes\nload = ctypes.CDLL\nload('x')\n", True),
        ("import ctypes\nctypes.CDLL(None); ctypes.CDLL('x')\n", True),
        ("import ctypes\nctypes.c_int(3)\n", False),
        ("import ctypes\n# CDLL(name) may fail\nctypes.CDLL( None )\n", False),
        ("from ctypes import windll\nkernel = windll.LoadLibrary('kernel32')\n", False),
        ("import ctypes\nctypes.windll.LoadLibrary('a'); ctypes.cdll.LoadLibrary('b')\n", True),
        ("import os\n", False),
    ],
)
def test_a_package_opens_where_its_outermost_files_say_so(tmp_path: Path, text: str, expected: bool) -> None:
    (tmp_path / "magic").mkdir()
    (tmp_path / "magic" / "loader.py").write_text(text)
    assert opens(FsPath(str(tmp_path)), ("magic",), ANY) is expected


def test_a_module_of_one_file_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "sound.py").write_text("import ctypes\nctypes.CDLL('x')\n")
    assert opens(FsPath(str(tmp_path)), ("sound",), ())


def test_a_wheel_for_one_python_is_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / "sound.py").write_text("import ctypes\nctypes.CDLL('x')\n")
    assert not opens(FsPath(str(tmp_path)), ("sound",), ("cp312-cp312-manylinux_2_17_x86_64",))


@pytest.mark.parametrize(
    "text", ["lib = ffi.dlopen('libsodium.so.23')\n", "ffi = 1  # dlopen is not called\n", "ffi = 1\n"]
)
def test_every_source_of_what_requires_cffi_is_looked_into(tmp_path: Path, text: str) -> None:
    (tmp_path / "sodium" / "deep").mkdir(parents=True)
    (tmp_path / "sodium" / "deep" / "lib.py").write_text(text)
    tags = ("cp312-abi3-manylinux_2_17_x86_64",)
    where = FsPath(str(tmp_path))
    assert opens(where, ("sodium",), tags, ("cffi",)) is ("dlopen" in text)
    assert not opens(where, ("sodium",), tags)


def test_tests_are_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / "sodium" / "tests").mkdir(parents=True)
    (tmp_path / "sodium" / "tests" / "test_lib.py").write_text("lib = ffi.dlopen('libsodium.so.23')\n")
    assert not opens(FsPath(str(tmp_path)), ("sodium",), (), ("cffi",))


def test_a_module_of_one_file_that_requires_cffi_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "sound.py").write_text("ffi.dlopen('x')\n")
    assert opens(FsPath(str(tmp_path)), ("sound",), (), ("cffi",))


def test_what_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "odd.py").mkdir()
    assert not opens(FsPath(str(tmp_path)), ("odd", "gone"), ANY)

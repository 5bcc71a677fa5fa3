"""pyvenv.cfg: who made a venv, and whether its Python is still there."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from nixpydoctor.facts import FsPath, Venv
from nixpydoctor.probes.venv import held, read_venv, settings
from probes.making import venv


def read(root: Path) -> Venv:
    return read_venv(FsPath(str(root)), FsPath(f"{root}/bin/python"))


@pytest.mark.parametrize(
    ("lines", "creator"),
    [
        ("home = /x\nversion = 3.12.1\n", "venv"),
        ("home = /x\nuv = 0.5.1\nversion_info = 3.12.1\n", "uv"),
        ("home = /x\nvirtualenv = 20.1\nversion_info = 3.12.1.final.0\nversion = 20.1\n", "virtualenv"),
        ("", "unknown"),
        ("= = =\nno sign\n\n", "unknown"),
    ],
)
def test_who_made_it_shows_in_the_keys(tmp_path: Path, lines: str, creator: str) -> None:
    root = venv(tmp_path / "v")
    (root / "pyvenv.cfg").write_text(lines)
    assert read(root).creator == creator


@pytest.mark.parametrize(
    ("said", "version"), [("3.12.1", "3.12.1"), ("3.12.1.final.0", "3.12.1"), ("3.13", "3.13"), ("x", None), ("", None)]
)
def test_the_version_is_its_numbers(tmp_path: Path, said: str, version: str | None) -> None:
    root = venv(tmp_path / "v")
    (root / "pyvenv.cfg").write_text(f"home = /x\nversion_info = {said}\n")
    assert read(root).version == version


def test_a_whole_venv_says_where_it_comes_from(tmp_path: Path) -> None:
    found = read(venv(tmp_path / "v", include_system_site_packages="TRUE"))
    assert found.base_exists
    assert found.system_site
    assert found.base == FsPath(str(Path(sys.executable).resolve()))


def test_a_venv_whose_python_was_collected_names_what_is_gone(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").symlink_to("/nix/store/gone/bin/python3")
    found = read(root)
    assert (found.base, found.base_exists) == ("/nix/store/gone/bin/python3", False)


def test_a_copied_python_without_its_home_has_lost_its_base(tmp_path: Path) -> None:
    root = venv(tmp_path / "v", home="/nix/store/gone/bin")
    (root / "bin" / "python").unlink()
    shutil.copy("/bin/sh", root / "bin" / "python")
    found = read(root)
    assert (found.base, found.base_exists) == ("/nix/store/gone/bin", False)


STORE_BASE = FsPath("/nix/store/x-python3-3.12.1/bin/python3.12")


@pytest.mark.parametrize(
    ("base", "exists", "interp", "wanted"),
    [
        (STORE_BASE, True, None, "/nix/store/x-python3-3.12.1"),
        (STORE_BASE, False, None, None),
        ("/usr/bin/python3", True, "/lib64/ld-linux-x86-64.so.2", None),
        ("/home/ada/.pyenv/bin/python3", True, "/nix/store/y-glibc/lib/ld-linux-x86-64.so.2", "/nix/store/y-glibc"),
    ],
)
def test_the_store_path_that_a_venv_cannot_do_without(
    base: str, exists: bool, interp: str | None, wanted: str | None
) -> None:
    known = Venv(FsPath("/v"), None, None, "venv", False, FsPath(base), exists, links=(FsPath(base),))
    assert held(known, interp) == wanted


def test_a_venv_that_nix_built_refers_to_its_python_by_itself() -> None:
    root = FsPath("/nix/store/v-app-env")
    assert held(Venv(root, None, None, "unknown", False, STORE_BASE, links=(STORE_BASE,)), None) is None


def test_a_copied_python_cannot_do_without_its_home() -> None:
    known = Venv(FsPath("/v"), FsPath("/nix/store/x-python3/bin"), None, "venv", False, FsPath("/v/bin/python"))
    assert held(known, "/nix/store/y-glibc/lib/ld.so") == "/nix/store/x-python3"


def test_a_pyvenv_cfg_that_is_a_pipe_says_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyvenv.cfg")
    assert settings(str(tmp_path / "pyvenv.cfg")) == {}

"""What files alone tell of a Python equals what it says of itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nixpydoctor.facts import FsPath
from nixpydoctor.probes.layout import named_in_pth, read_layout
from nixpydoctor.probes.surveying import survey
from nixpydoctor.probes.venv import read_venv
from nixpydoctor.target import find
from probes.making import pythons, site_packages, target, venv

PATH = {"PATH": os.defpath}


@pytest.mark.parametrize("python", pythons())
def test_path_prefixes_and_suffixes_are_those_that_the_python_names(python: str) -> None:
    found = find(None, PATH, "/", python)
    asked, read = survey(found, PATH).main.python, survey(found, PATH, may_run=False).main.python
    assert asked is not None
    assert read is not None
    assert (read.basis, read.answered, read.silence) == ("read", True, "it was not started, as asked")
    assert read.path == asked.path
    assert (read.base_prefix, read.prefix) == (asked.base_prefix, asked.prefix)
    assert (read.suffixes, read.soabi) == (asked.suffixes, asked.soabi)
    assert read.minor == asked.minor
    assert asked.builtins & set(sys.stdlib_module_names) <= read.builtins


def test_a_venv_with_paths_of_its_own_reads_as_it_answers(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    (tmp_path / "src").mkdir()
    (site_packages(root) / "dev.pth").write_text(f"# {tmp_path}\nimport sys\n{tmp_path}/src\n/no/such/folder\n\n")
    environ = {**PATH, "PYTHONPATH": f"{tmp_path}:rel", "HOME": str(tmp_path)}
    asked, read = (survey(target(root), environ, may_run=may).main.python for may in (True, False))
    assert asked is not None
    assert read is not None
    assert read.path == asked.path
    assert [entry.provider for entry in asked.path[:2]] == ["project", "project"]
    assert (read.prefix, read.version.split(".")[:2]) == (asked.prefix, asked.version.split(".")[:2])


def test_a_venv_whose_base_is_gone_still_tells_its_version_and_site_folder(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").symlink_to("/nix/store/gone/bin/python3")
    (root / "pyvenv.cfg").write_text("home = /nix/store/gone/bin\n")
    command = FsPath(f"{root}/bin/python")
    layout = read_layout(FsPath("/nix/store/gone/bin/python3"), read_venv(FsPath(str(root)), command), {}, "/", None)
    assert layout.version == f"3.{sys.version_info[1]}"
    assert str(site_packages(root)) in layout.path
    assert layout.stdlib is None


def test_a_user_site_counts_where_it_is_switched_on(tmp_path: Path) -> None:
    minor = sys.version_info[1]
    user = tmp_path / ".local" / "lib" / f"python3.{minor}" / "site-packages"
    user.mkdir(parents=True)
    executable = FsPath(os.path.realpath(sys.executable))
    on = read_layout(executable, None, {"HOME": str(tmp_path)}, "/", None)
    off = read_layout(executable, None, {"HOME": str(tmp_path), "PYTHONNOUSERSITE": "1"}, "/", None)
    assert (on.user_site, str(user) in on.path) == (str(user), True)
    assert (off.user_site, str(user) in off.path) == (None, False)


def test_nixpkgs_pythons_take_further_folders_from_their_wrapper(tmp_path: Path) -> None:
    executable = FsPath(os.path.realpath(sys.executable))
    assert "/nix/x" in read_layout(executable, None, {"NIX_PYTHONPATH": "/nix/x"}, "/", None).path


def test_pth_files_may_hold_anything(tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_bytes(b"\xff\xfe\0\n" + b"x" * 5000 + b"\n" + os.fsencode(tmp_path) + b"\n")
    (tmp_path / "b.pth").mkdir()
    assert list(named_in_pth(str(tmp_path))) == [str(tmp_path)]


def test_a_python_that_is_called_by_an_environments_name_belongs_to_it(tmp_path: Path) -> None:
    """As nixpkgs' wrappers of the second generation start it: getpath.py looks beside that name first."""
    executable = FsPath(os.path.realpath(sys.executable))
    minor = f"python3.{sys.version_info[1]}"
    (tmp_path / "lib" / minor / "site-packages").mkdir(parents=True)
    (tmp_path / "lib" / minor / "os.py").write_text("")
    called = FsPath(f"{tmp_path}/bin/{minor}")
    layout = read_layout(executable, None, {"HOME": "/none"}, "/", None, called)
    assert (layout.prefix, layout.base_prefix) == (str(tmp_path), str(tmp_path))
    assert f"{tmp_path}/lib/{minor}/site-packages" in layout.path
    elsewhere = read_layout(executable, None, {"HOME": "/none"}, "/", None, FsPath("/none/bin/python3"))
    assert elsewhere == read_layout(executable, None, {"HOME": "/none"}, "/", None)


def test_a_pth_that_is_a_pipe_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.pth")
    (tmp_path / "b.pth").write_text(".\n")
    assert list(named_in_pth(str(tmp_path))) == [str(tmp_path)]

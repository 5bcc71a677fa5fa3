"""The machine and the project."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.probes import nix
from nixpydoctor.probes.nix import read_platform, read_project


def project(folder: Path) -> tuple[str | None, list[Unread]]:
    notes: list[Unread] = []
    found = read_project(FsPath(str(folder)), notes.append)
    assert found is not None
    return found.requires_python, notes


def test_a_project_names_its_files_and_the_pythons_it_takes(tmp_path: Path) -> None:
    (tmp_path / "flake.nix").touch()
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.11,<3.13"\n')
    found = read_project(FsPath(str(tmp_path)), print)
    assert found is not None
    assert (found.files, found.requires_python) == (("pyproject.toml", "flake.nix"), ">=3.11,<3.13")


@pytest.mark.parametrize("text", ["[project", "\udcff", "a = " + "[" * 5000])
def test_a_broken_pyproject_is_noted(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    wanted, notes = project(tmp_path)
    assert wanted is None
    assert [note.path for note in notes] == [f"{tmp_path}/pyproject.toml"]


@pytest.mark.parametrize("text", ["", "project = 7", "[project]\nrequires-python = 3.11"])
def test_a_pyproject_that_says_nothing_of_pythons_asks_for_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert project(tmp_path) == (None, [])


def test_where_no_folder_is_there_is_no_project(tmp_path: Path) -> None:
    assert read_project(None, print) is None
    assert read_project(FsPath(f"{tmp_path}/none"), print) is None


@pytest.mark.parametrize(("said", "shell"), [("pure", "pure"), ("impure", "impure"), ("1", "impure"), ("", None)])
def test_a_nix_shell_shows_in_its_variable(said: str, shell: str | None) -> None:
    assert read_platform({"IN_NIX_SHELL": said}).nix_shell == shell


def test_a_container_shows_in_its_variable() -> None:
    assert read_platform({"container": "podman"}).container


def machine(monkeypatch: pytest.MonkeyPatch, folder: Path, *marks: str, release: str = "") -> None:
    """Let the probe see a machine with these files and folders (`/` at the end) and nothing else."""
    (folder / "os-release").write_text(release)
    kinds = {mark.rstrip("/"): stat.S_IFDIR if mark.endswith("/") else stat.S_IFREG for mark in marks}
    monkeypatch.setattr(os.path, "exists", lambda path: path in kinds)
    monkeypatch.setattr(os.path, "isdir", lambda path: kinds.get(path) == stat.S_IFDIR)
    monkeypatch.setattr(nix, "OS_RELEASE", (f"{folder}/os-release",))


def test_nixos_shows_in_its_mark_or_in_os_release(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine(monkeypatch, tmp_path, "/etc/NIXOS", "/nix/store/")
    assert (read_platform({}).system, read_platform({}).nix) == ("nixos", True)
    machine(monkeypatch, tmp_path, release='ID=nixos\nPRETTY_NAME="NixOS 25.11 (X\\"y)"\n# ID=other\n')
    assert (read_platform({}).system, read_platform({}).name) == ("nixos", 'NixOS 25.11 (X"y)')


def test_another_distribution_is_named_with_its_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine(monkeypatch, tmp_path, release="ID=arch\nVERSION_ID='1 2'\nrubbish\n")
    found = read_platform({})
    assert (found.system, found.name, found.nix, found.fhs_env, found.container) == (
        "linux",
        "arch 1 2",
        False,
        False,
        False,
    )


def test_an_fhs_environment_and_a_container_show_in_their_marks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine(monkeypatch, tmp_path, "/.host-etc/", "/.dockerenv")
    assert (read_platform({}).fhs_env, read_platform({}).container) == (True, True)

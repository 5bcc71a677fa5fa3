"""What the files of a venv's bin folder name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nixpydoctor.facts import FsPath, Venv
from nixpydoctor.probes.scripts import MAX_SCRIPTS, read_activate, read_scripts
from nixpydoctor.probes.venv import read_venv
from probes.making import script, venv


def read(root: Path) -> Venv:
    return read_venv(FsPath(str(root)), FsPath(f"{root}/bin/python"))


def test_first_lines_are_kept_and_the_second_only_of_a_disguised_one(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "plain").write_bytes(b"#!/v/bin/python\nimport os\n")
    (folder / "hidden").write_bytes(b"#!/bin/sh\n'''exec' '/v v/bin/python' \"$0\" \"$@\"\n' '''\n")
    (folder / "raw").write_bytes(b"#!/\xff")
    (folder / "text").write_text("no script\n")
    (folder / "program").write_bytes(b"\x7fELF")
    os.symlink("plain", folder / "link")
    os.mkfifo(folder / "pipe")
    heads = {Path(path).name: head for path, head in read_scripts(str(tmp_path)).items()}
    assert heads == {
        "plain": "#!/v/bin/python",
        "hidden": "#!/bin/sh\n'''exec' '/v v/bin/python' \"$0\" \"$@\"",
        "raw": "#!/\udcff",
    }


def test_a_first_line_without_end_and_a_folder_without_end_are_bounded(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "a").write_bytes(b"#!" + b"x" * 5000)
    for number in range(MAX_SCRIPTS + 5):
        (folder / f"b{number}").write_text("#!/x\n")
    heads = read_scripts(str(tmp_path))
    assert len(heads[FsPath(f"{folder}/a")]) == 1024
    assert len(heads) == MAX_SCRIPTS


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ('VIRTUAL_ENV="/home/ada/v"\n', "/home/ada/v"),
        ("    export VIRTUAL_ENV=$(cygpath /x)\n    export VIRTUAL_ENV=/home/ada/v\n", "/home/ada/v"),
        ("VIRTUAL_ENV='/home/ada/my venv'\nexport VIRTUAL_ENV\n", "/home/ada/my venv"),
        ("VIRTUAL_ENV=''\"$(dirname -- \"$SCRIPT_PATH\")\"''\n", None),
        ("nothing", None),
    ],
)
def test_the_folder_that_activate_names(tmp_path: Path, text: str, folder: str | None) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "activate").write_text(text)
    assert read_activate(str(tmp_path)) == folder


def test_no_bin_folder_is_no_script(tmp_path: Path) -> None:
    assert (read_scripts(str(tmp_path)), read_activate(str(tmp_path))) == ({}, None)


def test_other_names_of_the_same_folder_are_known_as_its_own(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    other = tmp_path / "other"
    other.symlink_to("v")
    (root / "bin" / "activate").write_text(f"export VIRTUAL_ENV={other}\n")
    script(root / "bin" / "tool", "true").write_text(f"#!{other}/bin/python\n")
    found = read(root)
    assert found.aliases == (str(other),)
    assert found.made_at is None
    assert found.own(f"{other}/bin/python")


def test_a_venv_that_was_moved_knows_where_it_was_made(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    (root / "bin" / "activate").write_text(f"export VIRTUAL_ENV={root}\n")
    moved = root.rename(tmp_path / "moved")
    assert read(moved).made_at == str(root)
    assert read(moved).aliases == ()


def test_every_link_of_the_chain_is_told(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    (root / "bin" / "python").unlink()
    (tmp_path / "profile").symlink_to("/bin")
    (root / "bin" / "python3").symlink_to(tmp_path / "profile" / "sh")
    (root / "bin" / "python").symlink_to("python3")
    assert read(root).links[:2] == (f"{root}/bin/python3", f"{tmp_path}/profile/sh")


def test_links_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").symlink_to("python")
    assert len(read(root).links) == 40

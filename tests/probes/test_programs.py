"""What runs when a name is called: found on PATH, behind links, scripts and wrappers."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from nixpydoctor.probes.programs import find_program
from probes.making import script

REAL = os.path.realpath(sys.executable)


def test_the_first_executable_of_that_name_on_path_is_followed_to_its_object(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "tool").write_text("not executable")
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "tool").symlink_to(REAL)
    assert find_program("tool", {"PATH": f"relative:{tmp_path}/first:{tmp_path}/second"}) == REAL


def test_a_script_stands_for_the_program_of_its_first_line(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text(f"#!{REAL} -I\nprint()\n")
    tool.chmod(0o755)
    assert find_program("tool", {"PATH": str(tmp_path)}) == REAL


def test_env_of_a_first_line_looks_on_path(tmp_path: Path) -> None:
    (tmp_path / "inner").symlink_to(REAL)
    tool = tmp_path / "tool"
    tool.write_text("#!/usr/bin/env -S NAME=1 inner -I\n")
    tool.chmod(0o755)
    assert find_program("tool", {"PATH": str(tmp_path)}) == REAL


def test_a_wrapper_stands_for_what_it_starts(tmp_path: Path) -> None:
    script(tmp_path / "tool", f'export NAME=1\nexec "{REAL}" "$@"')
    assert find_program("tool", {"PATH": str(tmp_path)}) == REAL


def test_a_program_with_other_rights_is_left_out(tmp_path: Path) -> None:
    copy = tmp_path / "tool"
    shutil.copy(REAL, copy)
    copy.chmod(0o4755)
    assert find_program("tool", {"PATH": str(tmp_path)}) is None


def test_nothing_and_circles_and_texts_are_nothing(tmp_path: Path) -> None:
    for name, first in {"circle": "circle", "text": ""}.items():
        (tmp_path / name).write_text(f"#!/usr/bin/env {first}\n" if first else "hello\n")
        (tmp_path / name).chmod(0o755)
        assert find_program(name, {"PATH": str(tmp_path)}) is None
    assert find_program("absent", {"PATH": str(tmp_path)}) is None
    assert find_program("", {"PATH": str(tmp_path)}) is None
    assert find_program("tool", {}) is None

"""The next command, as it works where the tool was started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nixpydoctor import calling
from terminal import heard
from test_cli import broken, saved

SAID = 'more nixpydoctor explain NPD101, `nix-shell --run "nixpydoctor check ."`, x/nixpydoctor check, nixpydoctor.toml'


def test_every_command_of_ours_and_nothing_else_is_spelled_anew() -> None:
    told = calling.spelled(SAID, "python3 x.pyz")
    assert told == SAID.replace("more nixpydoctor", "more python3 x.pyz").replace('"nixpydoctor', '"python3 x.pyz')
    assert calling.spelled(SAID, "nixpydoctor") == SAID


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The console script, started by its path."""
    made = tmp_path / "a venv" / "bin" / "nixpydoctor"
    made.parent.mkdir(parents=True)
    made.write_text("#!/bin/sh\n")
    made.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(made), "check"])
    return made


def test_what_the_shell_finds_is_the_bare_name(script: Path, tmp_path: Path) -> None:
    assert calling.command({"PATH": f"/bin:{script.parent}"}, "/") == "nixpydoctor"
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "nixpydoctor").symlink_to(script)
    assert calling.command({"PATH": str(tmp_path / "links")}, "/") == "nixpydoctor"


def test_what_it_does_not_find_is_a_path(script: Path, tmp_path: Path) -> None:
    assert calling.command({"PATH": "/bin"}, "/") == f"'{script}'"
    assert calling.command({"PATH": "/bin"}, str(tmp_path)) == "'a venv/bin/nixpydoctor'"
    assert calling.command({"PATH": "/bin"}, str(script.parent)) == f"'{script}'"


def test_uvx_has_a_path_of_its_own_that_is_not_the_shell_s(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = script.parent.parent
    cached = home.parent / "uv" / "archive-v0" / "x"
    cached.parent.mkdir(parents=True)
    home.rename(cached)
    monkeypatch.setattr(sys, "argv", [str(cached / "bin" / "nixpydoctor")])
    monkeypatch.setattr(sys, "prefix", str(cached))
    assert calling.command({"PATH": f"{cached}/bin:/bin"}, "/") == f"{cached}/bin/nixpydoctor"


def test_another_program_that_is_in_front_is_not_ours(script: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "nixpydoctor"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    assert calling.command({"PATH": f"{other.parent}:{script.parent}"}, "/") == f"'{script}'"


@pytest.mark.parametrize("form", ["text", "concise", "json"])
def test_a_terminal_sees_what_works_there_and_a_pipe_what_works_anywhere(tmp_path: Path, form: str) -> None:
    """With `python -m`; machine formats say the same everywhere."""
    case = saved(tmp_path, broken())
    command = [sys.executable, "-m", "nixpydoctor", "check", "--facts", case, "-f", form]
    piped = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    terminal, end = os.openpty()
    env = {**os.environ, "COLUMNS": "200"}
    with subprocess.Popen(command, stdout=end, stderr=subprocess.DEVNULL, env=env) as child:
        os.close(end)
        shown = heard(terminal)
    assert child.returncode == 1
    ours = f"{sys.executable} -m nixpydoctor explain NPD101"
    assert (ours in shown) is (form == "text")
    assert ours not in piped
    if form == "text":
        assert "  nixpydoctor explain NPD101" in piped

"""The tests run the tool as a shell does: a fork of what was imported before tells what a start tells."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import tool

MESSAGE = b"ImportError: libz.so.1: cannot open shared object file: No such file or directory"


@pytest.mark.parametrize(
    ("words", "stdin"),
    [(("--version",), b""), (("explain", "--no-look"), MESSAGE), (("check", "nowhere"), b""), (("check", "--x"), b"")],
)
@pytest.mark.parametrize("code", [tool.START, tool.PLAIN])
def test_a_fork_says_what_a_start_says(words: tuple[str, ...], stdin: bytes, code: str, tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "COLUMNS": "60"}
    forked = tool.run(*words, env=env, cwd=tmp_path, stdin=stdin, code=code)
    begun = tool.started(*words, env=env, cwd=tmp_path, stdin=stdin, code=code)
    assert (forked.returncode, forked.stdout, forked.stderr) == (begun.returncode, begun.stdout, begun.stderr)
    assert forked.stdout or forked.stderr


def test_one_run_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    """Neither its variables, nor its folder, nor what it was given to read."""
    (tmp_path / "pyproject.toml").write_text('[tool.nixpydoctor]\nfail-on = "note"\n')
    first = tool.run("config", env={**os.environ, "NIXPYDOCTOR_IMPORTS": "1"}, cwd=tmp_path)
    second = tool.run("config", cwd=Path("/"))
    assert "NIXPYDOCTOR_IMPORTS" in first.stdout
    assert "pyproject.toml" in first.stdout
    assert second.stdout
    assert "NIXPYDOCTOR_IMPORTS" not in second.stdout
    assert str(tmp_path) not in second.stdout


def test_what_python_reads_at_its_start_is_never_given_to_a_fork() -> None:
    told = tool.run("--version", env={**os.environ, "PYTHONHASHSEED": "nonsense"})
    assert told.returncode != 0
    assert "PYTHONHASHSEED" in told.stderr


def test_a_run_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And the next one is answered."""
    os.mkfifo(tmp_path / "log")
    with monkeypatch.context() as patch:
        patch.setattr(tool, "SECONDS", 0.2)
        with pytest.raises(subprocess.TimeoutExpired):
            tool.run("explain", "--no-look", "--file", "log", cwd=tmp_path)
    assert tool.run("--version").returncode == 0

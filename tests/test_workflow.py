"""Whole commands on a real venv: what is seen is saved, replayed and imported; progress stays out of the way."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tool


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with a project whose venv holds a module that fails and one that does not."""
    home = tmp_path_factory.mktemp("homes") / "alice"
    home.mkdir()
    venv = home / "project" / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    for name, text in (("sick", "import no_such_module_anywhere\n"), ("well", "import json\n")):
        (site / f"{name}.py").write_text(text)
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "RECORD").write_text(f"{name}.py,,\n{name}-1.0.dist-info/METADATA,,\n")
    return home


def check(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`check` from the project's folder, as its owner."""
    env = {"HOME": str(home), "USER": "alice", "PATH": os.defpath}
    return tool.run("check", *arguments, cwd=home / "project", env=env)


def plain(told: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(told.stdout)
    return report


def test_the_projects_own_venv_is_found_and_the_report_says_why(home: Path) -> None:
    told = check(home)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("~/project/.venv")


def test_the_file_alone_gives_the_same_report_elsewhere(home: Path, tmp_path: Path) -> None:
    """All that differs is what was hidden: the owner's name."""
    file = tmp_path / "facts.json.gz"
    here = check(home, "--format", "json", "--save-facts", str(file))
    text = check(home, "-vv").stdout
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "project").mkdir(parents=True)
    there = check(elsewhere, "--facts", str(file), "--format", "json")
    hidden = json.loads(here.stdout.replace(str(home), str(home.with_name("user"))))
    assert plain(there) == hidden
    assert check(elsewhere, "--facts", str(file), "-vv").stdout == text


def test_what_really_fails_to_import_is_found(home: Path) -> None:
    told = check(home, "--imports", "--format", "json")
    findings = [finding for finding in plain(told)["findings"] if "sick" in finding["breaks"]]
    assert told.returncode == 1
    assert any("no_such_module_anywhere" in finding["message"] for finding in findings)
    assert not any("well" in finding["breaks"] for finding in plain(told)["findings"])


def test_no_exec_starts_nothing_and_says_so(home: Path, tmp_path: Path) -> None:
    trap = tmp_path / "started"
    venv = home / "project" / ".venv"
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "trap.pth").write_text(f"import os; open({str(trap)!r}, 'w').close()\n")
    try:
        told = check(home, "--no-exec")
        assert not trap.exists()
        assert told.returncode == 0
        assert "not started" in told.stdout
    finally:
        (site / "trap.pth").unlink()


# ── progress ─────────────────────────────────────────────────────────────────────────────────────────────────────────

WORK = """
import sys, time
from nixpydoctor import progress as shown
shown._PATIENCE = 0.0
with shown.Progress(quiet=%s) as progress:
    progress("reading \\x1b[2J[bold]/a/b")
    time.sleep(0.7)
"""


def seen_on_a_terminal(code: str, **env: str) -> str:
    """What a terminal that is stderr gets."""
    leader, follower = pty.openpty()
    child = subprocess.Popen([sys.executable, "-c", code], stderr=follower, env={**os.environ, **env})
    os.close(follower)
    seen = b""
    while True:
        try:
            data = os.read(leader, 4096)
        except OSError:  # Linux: the other side is closed
            break
        if not data:
            break
        seen += data
    os.close(leader)
    assert child.wait(60) == 0
    return seen.decode()


def test_long_work_shows_what_it_does_on_a_terminal() -> None:
    seen = seen_on_a_terminal(WORK % False, TERM="xterm")
    assert r"reading \x1b[2J[bold]/a/b" in seen
    assert "\x1b[2J" not in seen


@pytest.mark.parametrize(("quiet", "term"), [(True, "xterm"), (False, "dumb")])
def test_nothing_moves_where_nobody_wants_it(quiet: bool, term: str) -> None:
    assert seen_on_a_terminal(WORK % quiet, TERM=term) == ""


def test_a_pipe_gets_no_progress() -> None:
    told = subprocess.run([sys.executable, "-c", WORK % False], capture_output=True, text=True, timeout=60, check=True)
    assert told.stderr == told.stdout == ""

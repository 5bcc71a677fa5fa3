"""What others' CI takes from this repository: the action's script (the lab runs it to its end) and the GitLab job."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def action(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The script with these inputs, in an empty project."""
    kept = {name: os.environ[name] for name in os.environ if name.startswith(("PIP_", "SSL_", "HOME"))}
    env = {**kept, "PATH": os.environ["PATH"], "PYTHON": sys.executable, "RUNNER_TEMP": str(folder), **inputs}
    return subprocess.run([ROOT / "ci" / "action.sh"], env=env, cwd=folder, capture_output=True, text=True, check=False)


def test_a_python_that_is_too_old_is_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    ended = action(tmp_path, PYTHON=str(old))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "3.11 or newer" in ended.stderr


def test_the_action_hands_on_every_input() -> None:
    """Each input reaches the script through a variable that it reads; none is pasted into shell."""
    text = (ROOT / "action.yml").read_text()
    declared = set(re.findall(r"^  ([a-z-]+):$", text.split("runs:")[0], re.M))
    handed = dict(re.findall(r"^        ([A-Z_]+): \$\{\{ inputs\.([a-z-]+) \}\}$", text, re.M))
    assert set(handed.values()) == declared
    script = (ROOT / "ci" / "action.sh").read_text()
    for variable in handed:
        assert f"${{{variable}:-" in script
    runs = re.search(r"run: (.*)", text)
    assert runs is not None
    assert "${{" not in runs[1]


def test_the_gitlab_job_writes_what_it_promises(tmp_path: Path) -> None:
    """Its last command, on a healthy venv: both artifacts are there."""
    text = (ROOT / "ci" / "gitlab.yml").read_text()
    (command,) = re.findall(r"- \.nixpydoctor/bin/(nixpydoctor check .*)", text)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    words = command.replace('"$NIXPYDOCTOR_TARGET"', ".venv").split()
    ended = subprocess.run([sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    promised = re.findall(r"(?:codequality|junit): (\S+)", text)
    assert len(promised) == 2
    for name in promised:
        assert (tmp_path / name).stat().st_size, name

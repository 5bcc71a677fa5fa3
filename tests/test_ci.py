"""What others' CI takes from this repository, and our own: parsed as the platforms parse it, each script checked.

What needs a registry, the whole action and the whole job, runs in the lab (`tests/lab/test_platforms_run.py`).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import actions
from actions import ROOT, document

ACTION = "action.yml"
WORKFLOWS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / ".github" / "workflows").glob("*.yml"))


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every step of the action and of every workflow, with where it stands."""
    for step in document(ACTION)["runs"]["steps"]:
        yield ACTION, step
    for place in WORKFLOWS:
        for name, job in document(place)["jobs"].items():
            for step in job["steps"]:
                yield f"{place}, {name}", step


def scripts() -> Iterator[tuple[str, str]]:
    """Every piece of shell in them, and the files that are shell, as files."""
    for where, step in steps():
        if "run" in step:
            yield where, re.sub(r"\$\{\{.*?\}\}", "filled", step["run"])
    yield "ci/gitlab.yml", "\n".join(document("ci/gitlab.yml")[".nixpydoctor"]["script"])
    for place in ("ci/action.sh", ".ci/run"):
        yield place, (ROOT / place).read_text()


def test_a_python_that_is_too_old_is_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    ended = actions.use(document(ACTION), {"python": str(old)}, tmp_path, tmp_path / "temp")
    assert (ended.code, ended.out, ended.outputs) == (2, "", {"exit-code": "2"})
    assert "3.11 or newer" in ended.err


def test_the_action_hands_on_every_input_and_promises_what_it_gives() -> None:
    """Each input reaches the script through a variable that it reads; none is pasted into shell."""
    action = document(ACTION)
    (step,) = action["runs"]["steps"]
    handed = {value: name for name, value in step["env"].items()}
    script = (ROOT / "ci" / "action.sh").read_text()
    for name, one in action["inputs"].items():
        assert set(one) == {"description", "default"}
        assert f"${{{handed[f'${{{{ inputs.{name} }}}}']}:-" in script, name
    assert "${{" not in step["run"]
    for name, one in action["outputs"].items():
        assert one["value"] == f"${{{{ steps.{step['id']}.outputs.{name} }}}}"
        assert f"{name}=" in script


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="no shellcheck here")
@pytest.mark.parametrize(("where", "script"), list(scripts()))
def test_every_script_is_sound_shell(where: str, script: str) -> None:
    command = ["shellcheck", "--shell=bash", "--severity=style", "-"]
    told = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert told.returncode == 0, f"{where}:\n{told.stdout}"


@pytest.mark.parametrize(("where", "step"), list(steps()))
def test_every_step_is_one_of_the_kinds_that_there_are(where: str, step: dict[str, Any]) -> None:
    """`run` or `uses`, the latter at a version; what a step calls of this repository is there."""
    assert ("run" in step) is not ("uses" in step)
    assert set(step) <= {"run", "uses", "with", "env", "shell", "id", "name", "if"}
    if "uses" in step:
        assert step["uses"] == "./" or re.fullmatch(r"[\w-]+/[\w./-]+@v\d+", step["uses"]), step["uses"]
    if step.get("uses") == "./":
        assert set(step["with"]) <= set(document(ACTION)["inputs"])
    run = step.get("run", "")
    for target in re.findall(r"\bmake ([a-z]+)", run):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M), f"{where}: make {target}"
    for script in re.findall(r"(?:^|\s)((?:benchmarks|tools)/[\w.]+|\.ci/run)", run):
        assert (ROOT / script).is_file(), f"{where}: {script}"


def test_linux_and_macos_are_tested_on_every_python_that_is_promised() -> None:
    workflow = document(".github/workflows/test.yml")
    assert set(workflow["on"]) == {"push", "pull_request"}
    assert workflow["permissions"] == {"contents": "read"}
    matrix = workflow["jobs"]["test"]["strategy"]["matrix"]
    assert {system.partition("-")[0] for system in matrix["os"]} == {"ubuntu", "macos"}
    promised = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text())
    assert set(promised) <= set(matrix["python"])
    assert set(workflow["jobs"]) == {"test", "lab", "flake", "action"}


def test_the_gitlab_job_writes_what_it_promises(tmp_path: Path) -> None:
    """Its last command, on a healthy venv: both artifacts are there."""
    job = document("ci/gitlab.yml")[".nixpydoctor"]
    command = job["script"][-1].removeprefix(".nixpydoctor/bin/python -m ").replace('"$NIXPYDOCTOR_TARGET"', ".venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    ended = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    reports = job["artifacts"]["reports"]
    assert set(reports) == {"codequality", "junit"}
    assert job["artifacts"]["when"] == "always"
    for name in reports.values():
        assert (tmp_path / name).stat().st_size, name

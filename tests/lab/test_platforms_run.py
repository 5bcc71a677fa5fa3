"""The action and the GitLab job to their ends, as the platforms run them: installed from this checkout, then used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import actions
from actions import ROOT, document

GONE = "/nix/store/00000000000000000000000000000000-python3-3.12.1/bin/python3.12"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A checkout with a lock file and a venv, in a folder whose name is no easy word."""
    folder = tmp_path / "a b; $(touch gone), ö"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "app"\n')
    (folder / "flake.nix").write_text("{\n  outputs = _: { devShells = pkgs.mkShell { }; };\n}\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    return folder


def spoil(workspace: Path) -> None:
    """Take the venv's base away."""
    for link in (workspace / ".venv" / "bin").glob("python*"):
        link.unlink()
        link.symlink_to(GONE)


def used(workspace: Path, scratch: Path, **inputs: str) -> actions.Ended:
    given = {"python": sys.executable, **{name.replace("_", "-"): value for name, value in inputs.items()}}
    return actions.use(document("action.yml"), given, workspace, scratch)


def test_the_action_is_green_for_a_healthy_venv_and_red_for_a_broken_one(workspace: Path, tmp_path: Path) -> None:
    """Exit code, output, annotations at a line that exists, summary, SARIF; nothing is left behind."""
    ended = used(workspace, tmp_path / "one", target=".venv", sarif_file="out.sarif")
    assert (ended.code, ended.outputs, ended.annotations) == (0, {"exit-code": "0"}, [])
    assert "Nothing is wrong" in ended.out
    assert ended.summary.strip().startswith("## nixpydoctor: nothing is wrong")
    assert json.loads((workspace / "out.sarif").read_text())["version"] == "2.1.0"

    spoil(workspace)
    ended = used(workspace, tmp_path / "two", target=".venv", args="--format concise")
    assert (ended.code, ended.outputs) == (1, {"exit-code": "1"}), ended.err
    (told,) = ended.annotations
    assert told.level == "error"
    assert told.properties["title"].startswith("nixpydoctor (NPD3")
    assert "col" not in told.properties
    lines = (workspace / told.properties["file"]).read_text().splitlines()
    assert "mkShell" in lines[int(told.properties["line"]) - 1]
    assert "::error" not in ended.out, "stdout has the report and nothing else"
    assert "| error | NPD3" in ended.summary
    assert sorted(path.name for path in workspace.iterdir()) == [".venv", "flake.nix", "out.sarif", "pyproject.toml"]
    assert not list((tmp_path / "two").glob("nixpydoctor.*")), "its own venv is gone"


def test_an_input_that_cannot_be_meant_fails_with_its_own_code(workspace: Path, tmp_path: Path) -> None:
    ended = used(workspace, tmp_path / "temp", target=".venv", fail_on="never")
    assert (ended.code, ended.outputs, ended.annotations) == (2, {"exit-code": "2"}, [])
    assert "'never' is not one of 'error', 'warning', 'note'" in ended.err


def test_the_steps_of_our_own_job_do_what_they_say(workspace: Path, tmp_path: Path) -> None:
    """The job `action` of the workflow, all of it but the checkout."""
    env = actions.platform(workspace, tmp_path / "temp")
    for step in document(".github/workflows/test.yml")["jobs"]["action"]["steps"]:
        if step.get("uses") == "./":
            ended = actions.use(document("action.yml"), step["with"], workspace, tmp_path / "uses")
        elif "run" in step:
            ended = actions.run(step, {}, env, workspace)
        else:
            assert step["uses"].startswith("actions/checkout@")
            continue
        assert ended.code == 0, (step, ended.err)


def test_the_gitlab_job_installs_checks_and_leaves_its_reports(workspace: Path) -> None:
    """Red with both reports, at paths below the project; the address is a checkout's path."""
    spoil(workspace)
    job = document("ci/gitlab.yml")[".nixpydoctor"]
    ended = actions.job(job, workspace, NIXPYDOCTOR_FROM=str(ROOT))
    assert ended.code == 1, ended.err
    assert "NPD3" in ended.out
    (entry,) = json.loads((workspace / job["artifacts"]["reports"]["codequality"]).read_text())
    assert (workspace / entry["location"]["path"]).is_file()
    assert "<failure " in (workspace / job["artifacts"]["reports"]["junit"]).read_text()

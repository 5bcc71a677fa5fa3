"""The hook, run by the real pre-commit from this repository: the project's Python is examined, never the hook's own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PROJECT = "a project, ö"


def git(*arguments: str, cwd: Path) -> str:
    """Git, without the settings of whoever runs the tests."""
    nobody = dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *who, *arguments], cwd=cwd, env={**os.environ, **nobody}, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pre-commit gets from this repository as it stands, as a repository of its own."""
    home = tmp_path_factory.mktemp("hooks")
    for name in git("ls-files", "-co", "--exclude-standard", "--", ".pre-commit-hooks.yaml", "pyproject.toml",
                    "README.md", "LICENSE", "src", "share", cwd=ROOT).splitlines():  # fmt: skip
        target = home / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            shutil.copyfile(ROOT / name, target)
    git("init", "-q", cwd=home)
    git("add", "-A", cwd=home)
    git("commit", "-qm", "as it stands", cwd=home)
    return home


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the hook's environment between the tests here."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a venv beside a requirements file, a space and a letter that is not ASCII in its path."""
    root = tmp_path / PROJECT
    root.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root / ".venv")], check=True)
    (root / "requirements.txt").write_text("numpy\n")
    (root / ".gitignore").write_text(".venv\n")
    git("init", "-q", cwd=root)
    git("add", "-A", cwd=root)
    return root


def try_repo(project: Path, hooks: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    """`pre-commit try-repo` on everything that is in the project."""
    if "pre_commit" not in sys.modules:
        pytest.importorskip("pre_commit")
    if shutil.which("git") is None:
        pytest.skip("needs git")
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(hooks), "nixpydoctor", "--all-files", "--verbose"]
    done = subprocess.run(
        command,
        cwd=project,
        env={**os.environ, "PRE_COMMIT_HOME": str(cache), "PRE_COMMIT_COLOR": "never"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if "Could not find a version" in done.stdout or "No matching distribution" in done.stdout:
        pytest.skip("pre-commit installs the hook from a registry, and none answers")
    return done


def test_a_healthy_environment_is_green_and_a_broken_one_red(project: Path, hooks: Path, cache: Path) -> None:
    told = try_repo(project, hooks, cache)
    assert told.returncode == 0, told.stdout + told.stderr
    assert re.search(r"nixpydoctor\.+Passed", told.stdout)
    assert f"{PROJECT}/.venv: it is .venv in" in told.stdout, "it says which Python it examined"
    assert "nixpydoctor's own environment" in told.stdout, "and which it did not"

    python = project / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nix/store/9xfaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1/bin/python3.12")
    told = try_repo(project, hooks, cache)
    assert told.returncode == 1
    assert re.search(r"nixpydoctor\.+Failed", told.stdout)
    assert "- exit code: 1" in told.stdout
    assert "NPD3" in told.stdout
    assert "/nix/store/9xfa…-python3-3.12.1" in told.stdout


def test_settings_of_the_project_hold_in_the_hook(project: Path, hooks: Path, cache: Path) -> None:
    (project / "nixpydoctor.toml").write_text("fail-om = 1\n")
    git("add", "-A", cwd=project)
    told = try_repo(project, hooks, cache)
    assert told.returncode == 1
    assert "did you mean fail-on?" in told.stdout

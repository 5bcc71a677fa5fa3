"""What holds for every test: whose variables it sees, and that in CI none is left out in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nixpydoctor.facts import ENVIRONMENT

LEFT_OUT = """
import pytest

@pytest.mark.skipif(True, reason="needs gcc")
def test_marked(): pass

def test_said():
    pytest.skip("no groff here")

@pytest.mark.skipif(True, reason="this machine has nix-ld's default loader")
def test_browser(): pass

@pytest.mark.xfail
def test_known(): assert False
"""
LOOKS = """
import os
def test_looks():
    print("sees", sorted(os.environ))
"""
OURS = [name for name in ENVIRONMENT if not name.startswith(("PATH", "PYTHON", "_PYTHON", "LD_", "GLIBC_"))]
"""What decides something here and nothing about the Python that runs the tests."""


def session(folder: Path, text: str, **env: str) -> str:
    """What pytest says about a file of tests, with the conftest of these tests."""
    (folder / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-qs", "-p", "conftest", "-p", "no:cacheprovider", "-c", os.devnull, "."]
    given = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), **env}
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    ("strict", "ended"), [("", "3 skipped, 1 xfailed"), ("1", "1 failed, 1 skipped, 1 xfailed, 1 error")]
)
def test_in_ci_a_test_that_finds_its_tools_missing_fails(tmp_path: Path, strict: str, ended: str) -> None:
    said = session(tmp_path, LEFT_OUT, NIXPYDOCTOR_SKIP_NOTHING=strict)
    assert f"\n{ended} in " in said
    for reason in ("no groff here", "needs gcc"):
        assert (f"{reason}: .ci/run installs what the tests need" in said) is bool(strict)


def test_no_variable_that_decides_anything_comes_from_the_developers_shell(tmp_path: Path) -> None:
    said = session(tmp_path, LOOKS, **dict.fromkeys([*OURS, "CI", "TERM", "PYENV_VERSION", "UV_CACHE_DIR"], "x"))
    (seen,) = [line for line in said.splitlines() if line.startswith("sees ")]
    assert "'PATH'" in seen
    assert [name for name in (*ENVIRONMENT, "CI", "TERM", "PYENV_VERSION") if f"'{name}'" in seen] == ["PATH"]


def test_what_tests_take_for_absent_is_absent() -> None:
    """Whoever makes one of these, a test with HOME=/nowhere for instance, turns other tests' errors into successes."""
    assert [name for name in ("/nowhere", "/gone", "/no", "/elsewhere") if Path(name).exists()] == []

"""The GitHub action's script, really run: pip installs the tool from this checkout, and the exit code tells."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from test_ci import action


def test_a_healthy_venv_is_green_and_a_broken_one_is_red(tmp_path: Path) -> None:
    """The venv's base is taken away in between; the input has spaces and what would be shell."""
    venv = tmp_path / "a b; $(touch gone)"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    ended = action(tmp_path, TARGET=str(venv), SARIF_FILE="out.sarif")
    assert ended.returncode == 0, ended.stderr
    assert "Nothing is wrong" in ended.stdout
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    for link in (venv / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nix/store/00000000000000000000000000000000-python3-3.12.1/bin/python3.12")
    ended = action(tmp_path, TARGET=str(venv), ARGS="--format concise")
    assert ended.returncode == 1, ended.stderr
    assert "error" in ended.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == [venv.name, "out.sarif"]

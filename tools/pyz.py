"""Makes `nixpydoctor.pyz`: the tool and what it requires in one file that any Python ≥ 3.11 runs, installed nowhere.

Everything in it is pure Python, so one file serves every machine; what is not is left out. zipapp(1) and pip do the
work; the modules are compiled for nobody, which costs each start a fifth of a second.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipapp
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNUSED = ("bin", "share")
"""What pip installs beside the packages, for a prefix that a file does not have."""


LEFT_OUT = ("psutil",)
"""Compiled, and wanted by `check --pid` alone, which says so where it is not there."""


class NotPureError(Exception):
    """A compiled module is among the requirements."""


def make(target: Path) -> None:
    """Write the file. Raises `NotPureError`, and `CalledProcessError` where pip fails."""
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "app"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
        subprocess.run([*command, "--target", str(inside), str(ROOT)], check=True)
        for name in LEFT_OUT:
            for folder_of_it in inside.glob(f"{name}*"):
                shutil.rmtree(folder_of_it)
        compiled = sorted(inside.rglob("*.so"))
        if compiled:
            raise NotPureError(f"{compiled[0].relative_to(inside)} is compiled: the file would serve one machine only")
        zipapp.create_archive(
            inside,
            target,
            interpreter="/usr/bin/env python3",
            main="nixpydoctor.__main__:main",
            filter=lambda path: path.parts[0] not in UNUSED and "__pycache__" not in path.parts,
            compressed=True,
        )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/pyz.py TARGET")
    make(Path(sys.argv[1]))

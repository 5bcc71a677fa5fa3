"""`run -- ./host` with a real program that embeds Python: it fails as ever, and then it is said why, and what helps."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from embeddable import EMBEDDABLE

HOST = r"""
int PyRun_SimpleString(const char *text);
void Py_Initialize(void);
int main(void) { Py_Initialize(); return PyRun_SimpleString("import onlythere") < 0 ? 3 : 0; }
"""


@pytest.mark.skipif(not EMBEDDABLE, reason="no shared libpython here: tests/oracle says so in CI")
def test_a_host_that_misses_the_venv_is_explained_and_cured_by_what_is_printed(tmp_path: Path) -> None:
    one = EMBEDDABLE[0]
    (tmp_path / "host.c").write_text(HOST)
    flags: list[str | Path] = [one.library, f"-Wl,-rpath,{one.library.parent}"]
    subprocess.run(["gcc", "-o", tmp_path / "host", tmp_path / "host.c", *flags], check=True)
    venv = tmp_path / "venv"
    subprocess.run([one.python, "-I", "-m", "venv", "--without-pip", venv], check=True)
    (site,) = venv.glob("lib/python3.*/site-packages")
    (site / "onlythere.py").write_text("")
    info = site / "onlythere-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: onlythere\nVersion: 1.0\n")
    (info / "RECORD").write_text("onlythere.py,,\nonlythere-1.0.dist-info/METADATA,,\n")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "VIRTUAL_ENV": str(venv)}
    words = [sys.executable, "-m", "nixpydoctor", "run", "--", "./host"]
    ended = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 3
    assert "No module named 'onlythere'" in ended.stderr
    assert "warning[NPD404] the program does not use the venv" in ended.stderr
    printed = re.search(r"^ +((?:PYTHONEXECUTABLE|PATH)=\S+) ", ended.stderr, re.MULTILINE)
    assert printed is not None, ended.stderr
    name, _, value = printed[1].partition("=")
    cured = subprocess.run(["./host"], cwd=tmp_path, env={**env, name: value}, check=False)
    assert cured.returncode == 0

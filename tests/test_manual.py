"""The man page and the completions in `share/` are those of the command line as it is."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def manual() -> ModuleType:
    """`tools/manual.py`."""
    spec = importlib.util.spec_from_file_location("manual", ROOT / "tools" / "manual.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_share_is_as_it_would_be_written(manual: ModuleType, request: pytest.FixtureRequest) -> None:
    """`make manual` writes it."""
    if request.config.getoption("--update-golden"):
        manual.main()
    for place, text in manual.files().items():
        assert (ROOT / "share" / place).read_text() == text, place


def test_the_page_is_well_formed() -> None:
    """groff has nothing to complain about, and every command and option stands on it."""
    if shutil.which("groff") is None:
        pytest.skip("no groff here")
    page = ROOT / "share/man/man1/nixpydoctor.1"
    command = ["groff", "-man", "-ww", "-Tutf8", "-Kutf8", str(page)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    plain = re.sub(".\x08", "", ended.stdout)  # bold is a letter, a step back, and the letter again
    for word in ("check", "explain", "--save-facts", "--apply", "EXIT STATUS"):
        assert word in plain, word


def test_bash_completes_commands_with_it() -> None:
    """Sourced by a real shell that finds the program on PATH."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    script = ROOT / "share/bash-completion/completions/nixpydoctor"
    asks = "COMP_WORDS=(nixpydoctor ex); COMP_CWORD=1; _nixpydoctor_completion nixpydoctor"
    ask = f'. {script}; {asks}; echo "${{COMPREPLY[@]}}"'
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin"
    ended = subprocess.run([bash, "-c", ask], env={"PATH": path}, capture_output=True, text=True, check=False)
    assert ended.stdout.split() == ["explain"], ended.stderr

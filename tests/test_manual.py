"""The man page and the completions in `share/` are those of the command line as it is."""

from __future__ import annotations

import importlib.util
import os
import re
import select
import shutil
import subprocess
import sys
import time
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


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("ex", ["explain"]), ("check --fail", ["--fail-on"]), ("check --fail-on ", ["error", "note", "warning"])],
)
def test_fish_completes_with_it(typed: str, offered: list[str], tmp_path: Path) -> None:
    """Commands, options and their values, as fish itself works them out."""
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("no fish here")
    script = ROOT / "share/fish/vendor_completions.d/nixpydoctor.fish"
    ask = f'source {script}; complete -C "nixpydoctor {typed}"'
    env = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin", "HOME": str(tmp_path)}
    ended = subprocess.run([fish, "--no-config", "-c", ask], env=env, capture_output=True, text=True, check=False)
    assert [line.split("\t")[0] for line in ended.stdout.splitlines()] == offered, ended.stderr


def test_zsh_completes_with_it_at_the_first_tab(tmp_path: Path) -> None:
    """In a zsh at a terminal, which finds the file on its fpath and has not loaded it before."""
    zsh = shutil.which("zsh")
    if zsh is None:
        pytest.skip("no zsh here")
    setup = f"PS1='READY>'; fpath=({ROOT}/share/zsh/site-functions $fpath); autoload -U compinit; compinit -u -D"
    (tmp_path / ".zshrc").write_text(f"{setup}\nbindkey '^I' complete-word\n")
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin"
    env = {"PATH": path, "ZDOTDIR": str(tmp_path), "TERM": "dumb", "HOME": str(tmp_path)}
    terminal, end = os.openpty()
    with subprocess.Popen([zsh, "-i"], stdin=end, stdout=end, stderr=end, env=env, start_new_session=True) as child:
        os.close(end)
        assert until(terminal, "READY>")
        os.write(terminal, b"nixpydoctor exp\t")
        completed = until(terminal, "nixpydoctor explain")
        child.kill()
    os.close(terminal)
    assert completed


def until(terminal: int, wanted: str) -> bool:
    """Whether this comes, within half a minute."""
    said, deadline = "", time.monotonic() + 30
    while wanted not in said and select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
        said += os.read(terminal, 4096).decode()
    return wanted in said

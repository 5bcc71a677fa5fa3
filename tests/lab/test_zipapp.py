"""The one-file tool in a root that looks like NixOS, run by the Nix Python there, with nothing installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.machine import REPOSITORY
from lab.roots import Root
from lab.store import Store
from lab.wheels import install, interpreters, make_venv


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, as `make pyz` makes it."""
    target = tmp_path_factory.mktemp("pyz") / "nixpydoctor.pyz"
    subprocess.run([sys.executable, str(REPOSITORY / "tools" / "pyz.py"), str(target)], check=True)
    return target


@pytest.mark.parametrize("minor", ["3.11", "3.12", "3.13"])
def test_any_new_enough_python_runs_it(made: Path, minor: str) -> None:
    """A report, a page and the help, with no folder of the tool on the path; PYTHONPATH brings no other typer."""
    python = next((found for path in candidates(minor) if (found := runs(path, minor))), None)
    if python is None:
        pytest.skip(f"no CPython {minor} on this machine")
    (made.parent / "typer.py").write_text("raise SystemExit('the wrong typer')")
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(made.parent)}
    for words, begins in (
        (["demo", "--color", "never"], "~/app/.venv: it was named"),
        (["explain", "NPD101"], "NPD101 missing-library"),
        (["--help"], "Usage: nixpydoctor"),
    ):
        ended = subprocess.run([python, made, *words], env=env, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.startswith(begins)


def test_a_running_python_is_read_from_proc(made: Path) -> None:
    """Without psutil, which is compiled and so not in the file; the report says so."""
    python = next((found for path in candidates("3.12") if (found := runs(path, "3.12"))), None)
    if python is None:
        pytest.skip("no CPython 3.12 on this machine")
    with subprocess.Popen([python, "-c", "input()"], stdin=subprocess.PIPE) as child:
        command = [str(python), str(made), "check", "--pid", str(child.pid)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        child.communicate(b"\n")
    assert ended.returncode in (0, 1), ended.stderr
    assert "read from /proc: psutil is not installed here" in ended.stdout


def candidates(minor: str) -> list[Path]:
    """Where a Python of this minor may be."""
    versions = Path.home() / ".pyenv" / "versions"
    found = shutil.which(f"python{minor}")
    return [*sorted(versions.glob(f"{minor}.*/bin/python3")), *([Path(found)] if found else [])]


def runs(python: Path, minor: str) -> Path | None:
    """The Python, where it starts and is what its name says."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    ended = subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True, check=False)
    return python if ended.stdout.strip() == minor else None


@pytest.mark.parametrize("python", ["nix312", "nix311"])
def test_it_finds_what_the_import_says(store: Store, made: Path, tmp_path: Path, python: str) -> None:
    """The import dies of libstdc++; the file says so; with the library it is green, and the import works."""
    pyz = tmp_path / "nixpydoctor.pyz"
    shutil.copy(made, pyz)
    base = interpreters(store)[python]
    bench = make_venv(tmp_path / "venv", base)
    install(store, bench, ["kiwisolver==1.4.9"])
    root = Root("nixos", store)
    told = root.run([bench.python, "-c", "import kiwisolver"], home=tmp_path)
    assert "libstdc++.so.6: cannot open shared object file" in told.err
    ended = root.run([base, pyz, "check", bench.path, "--format", "json"], home=tmp_path)
    assert (ended.code, ended.err) == (1, "")
    report = json.loads(ended.out)
    found = {(one["rule"], *one["breaks"]) for one in report["findings"] if one["severity"] == "error"}
    assert found == {("NPD101", "kiwisolver")}
    env = {"LD_LIBRARY_PATH": f"{store['gccLib']}/lib"}
    assert root.run([bench.python, "-c", "import kiwisolver"], env, home=tmp_path).code == 0
    ended = root.run([base, pyz, "check", bench.path], env, home=tmp_path)
    assert ended.code == 0, ended.out
    assert "Nothing is wrong" in ended.out

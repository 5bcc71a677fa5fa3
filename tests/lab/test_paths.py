"""A real Nix shell leaks its packages into a venv, and what the report says to write into shell.nix ends that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab import nixpkgs
from lab.store import Store
from lab.wheels import Bench, install, make_venv, standalone, tool

LEAKING = "buildInputs = [ pkgs.python3Packages.numpy ];"


def entered(packages: Path, folder: Path, inside: str, *command: str | Path) -> tuple[int, str]:
    """How a command ends inside `nix-shell` of a `mkShell` with this in it, and what it prints."""
    (folder / "shell.nix").write_text(f"{{ pkgs ? import <nixpkgs> {{ }} }}:\npkgs.mkShell {{ {inside} }}\n")
    line = " ".join(f"'{word}'" for word in command)
    ended = nixpkgs.nix(packages, "nix-shell", "--pure", "--run", line, cwd=folder)
    return ended.returncode, ended.stdout + ended.stderr[-3000:]


def examined(store: Store, packages: Path, folder: Path, inside: str, bench: Bench) -> dict[str, Any]:
    """The report of a check that runs in that shell."""
    command = (tool(store).python, "-m", "nixpydoctor", "check", "--format", "json", "--exit-zero", bench.path)
    code, said = entered(packages, folder, inside, *command)
    assert code == 0, said
    report: dict[str, Any] = json.loads(said[said.index('{\n"schema_version"') : said.rindex("}") + 1])
    return report


@pytest.mark.parametrize("minor", ["3.11", "3.12"])
def test_packages_among_the_inputs_reach_a_venv(store: Store, packages: Path, tmp_path: Path, minor: str) -> None:
    """A venv of another minor fails, one of the same gets the shell's version; the advised line keeps both out."""
    bench = make_venv(tmp_path / "venv", standalone(store, minor))
    install(store, bench, ["numpy==2.2.6"])
    program = "import numpy; print('version', numpy.__version__)"
    code, said = entered(packages, tmp_path, LEAKING, bench.python, "-c", program.replace("'", '"'))
    assert (code != 0) if minor == "3.11" else ("version 2.2.6" not in said), said
    report = examined(store, packages, tmp_path, LEAKING, bench)
    loud = {finding["rule"]: finding for finding in report["findings"] if finding["severity"] != "note"}
    assert ("NPD203" if minor == "3.11" else "NPD207") in loud
    (offer,) = [one for one in report["offers"] if one["remedy"] == "clean-path"]
    assert "`dontAddPythonPath = true;`" in offer["instructions"]
    for line in ("dontAddPythonPath = true;", 'shellHook = "unset PYTHONPATH";'):
        code, said = entered(packages, tmp_path, f"{LEAKING} {line}", bench.python, "-c", program.replace("'", '"'))
        assert (code, said.strip().splitlines()[-1]) == (0, "version 2.2.6")
        after = examined(store, packages, tmp_path, f"{LEAKING} {line}", bench)
        assert not {finding["rule"] for finding in after["findings"]} & {"NPD202", "NPD203", "NPD204", "NPD207"}

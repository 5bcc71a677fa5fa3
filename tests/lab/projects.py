"""Projects with a lock around a patient's venv, and their flakes built over the lab's stand-ins (`inputs`)."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab import nixpkgs
from lab.accuracy import check
from lab.judgement import Environment
from lab.machine import HERE, LabError
from lab.scenario import Patient
from lab.wheels import uv

INPUTS = HERE / "inputs"


def make(patient: Patient, requirements: Sequence[str]) -> Path:
    """A folder `project` with a pyproject.toml that asks for these."""
    project = patient.work / "project"
    project.mkdir(exist_ok=True)
    listed = ", ".join(f'"{one}"' for one in requirements)
    (project / "pyproject.toml").write_text(
        f'[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.12,<3.13"\ndependencies = [{listed}]\n'
    )
    return project


def lock(patient: Patient) -> None:
    """A lock of uv's own making."""
    python = patient.words["nix312"]
    ended = uv(patient.store, "lock", "--project", patient.work / "project", "--python", python)
    if ended.returncode:
        raise LabError(f"uv could not lock the project:\n{ended.stderr}")


def examined(patient: Patient) -> dict[str, Any]:
    """The report about the project, with the patient's venv in it."""
    project = patient.work / "project"
    (project / ".venv").symlink_to(patient.bench.path)
    place = Environment("project", "project", patient.root, "", patient.env)
    report, _ = check(patient.store, project, place, home=patient.work / "home")
    (project / ".venv").unlink()
    return report


def built(patient: Patient, packages: Path, output: str = "default") -> subprocess.CompletedProcess[str]:
    """`nix build` of the project's flake to `result`, every input that it names in the lab's form."""
    project = patient.work / "project"
    text = (project / "flake.nix").read_text()
    folders = {"nixpkgs": packages, **{path.name: path for path in INPUTS.iterdir()}}
    instead = [
        word
        for name, folder in folders.items()
        if f"{name}.url" in text
        for word in ("--override-input", name, f"path:{folder}")
    ]
    words = ["--no-write-lock-file", *instead, "--out-link", str(patient.work / "result")]
    return nixpkgs.nix(packages, "nix", "build", f"path:{project}#{output}", *words, cwd=patient.work)

"""A venv made with the Python of a profile; then the profile moves on to another minor version."""

from pathlib import Path

from lab.scenario import Patient
from lab.wheels import install, make_venv


def prepare(patient: Patient) -> None:
    python = patient.work / "profile" / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.symlink_to(patient.words["nix312"])
    patient.bench = make_venv(patient.work / "follows", python)
    install(patient.store, patient.bench, ["kiwisolver==1.5.1"])
    python.unlink()
    python.symlink_to(patient.words["nix311"])
    patient.target = str(patient.bench.path)
    patient.words |= {"venv": patient.target, "python": str(Path(patient.target) / "bin" / "python")}

"""A venv made with `~/.nix-profile/bin/python3`: healthy until the profile has another minor version."""

from lab.scenario import Patient
from lab.wheels import make_venv


def prepare(patient: Patient) -> None:
    python = patient.work / "home" / ".nix-profile" / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.symlink_to(patient.words["nix312"])
    patient.bench = make_venv(patient.work / "follows", python)
    patient.target = str(patient.bench.path)
    patient.words |= {"venv": patient.target, "python": str(patient.bench.python)}

"""A venv made with `~/.nix-profile/bin/python3`, after a generation of the profile that has no Python."""

from lab.scenario import Patient
from lab.wheels import make_venv


def prepare(patient: Patient) -> None:
    profile = patient.work / "home" / ".nix-profile"
    profile.parent.mkdir()
    profile.symlink_to(patient.store["nixPython312"])
    patient.bench = make_venv(patient.work / "follows", profile / "bin" / "python3")
    profile.unlink()
    profile.symlink_to(patient.store["busybox"])
    patient.target = str(patient.bench.path)
    patient.words |= {"venv": patient.target, "python": str(patient.bench.python)}

"""What a shell's hook of another Python leaves behind: its site-packages on PYTHONPATH."""

from lab.scenario import Patient
from lab.wheels import uv


def prepare(patient: Patient) -> None:
    options = ("--target", patient.work / "other", "--python", patient.words["nix311"], "--only-binary", ":all:")
    uv(patient.store, "pip", "install", "-q", "--no-deps", *options, "numpy==2.2.6").check_returncode()

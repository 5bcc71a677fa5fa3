"""What the hook of a shell with Python 3.11 exports, met by a venv of 3.12 that has its own numpy."""

from lab.scenario import Patient
from lab.wheels import uv


def prepare(patient: Patient) -> None:
    site = patient.work / "lib" / "python3.11" / "site-packages"
    options = ("--target", site, "--python", patient.words["nix311"], "--only-binary", ":all:")
    uv(patient.store, "pip", "install", "-q", "--no-deps", *options, "numpy==2.2.6").check_returncode()

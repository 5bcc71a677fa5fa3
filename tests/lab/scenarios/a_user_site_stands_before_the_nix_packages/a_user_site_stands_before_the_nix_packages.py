"""`pip install --user` with a bare Nix Python: the wheel lands in the user's own site-packages."""

from lab.scenario import Patient
from lab.wheels import uv


def prepare(patient: Patient) -> None:
    site = patient.work / "user" / "lib" / "python3.12" / "site-packages"
    options = ("--target", site, "--python", patient.words["nix312"], "--only-binary", ":all:")
    uv(patient.store, "pip", "install", "-q", "--no-deps", *options, "kiwisolver==1.5.1").check_returncode()

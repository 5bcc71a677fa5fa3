"""A venv with a copied Python: the program is the venv's own, its library is not."""

import subprocess

from lab.machine import environment
from lab.scenario import Patient
from lab.wheels import Bench


def prepare(patient: Patient) -> None:
    copied = patient.work / "copied"
    command = [patient.words["nix312"], "-m", "venv", "--copies", "--without-pip", str(copied)]
    subprocess.run(command, env=environment(), check=True)
    patient.bench = Bench(copied, "")
    patient.target = str(copied)
    patient.words |= {"venv": patient.target, "python": str(patient.bench.python)}

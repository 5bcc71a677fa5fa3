"""A venv with a copied Python; then the store path that it was copied from is collected."""

import subprocess
from pathlib import Path

from lab.machine import environment
from lab.scenario import Patient
from lab.store import delete, private_copy
from lab.wheels import Bench


def prepare(patient: Patient) -> None:
    python = private_copy(Path(patient.words["nix312"]).parent.parent, patient.work)
    copied = patient.work / "copied"
    command = [str(python / "bin" / "python3.12"), "-m", "venv", "--copies", "--without-pip", str(copied)]
    subprocess.run(command, env=environment(), check=True)
    delete(python)
    patient.bench = Bench(copied, "")
    patient.target = str(copied)
    patient.words |= {"venv": patient.target, "python": str(patient.bench.python)}

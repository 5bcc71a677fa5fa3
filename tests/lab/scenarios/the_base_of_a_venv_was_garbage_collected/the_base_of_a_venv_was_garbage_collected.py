"""A venv of a Python that nothing keeps alive; then exactly this store path is deleted, as a collection would do."""

from pathlib import Path

from lab.scenario import Patient
from lab.store import delete, private_copy
from lab.wheels import install, make_venv


def prepare(patient: Patient) -> None:
    python = private_copy(Path(patient.words["nix312"]).parent.parent, patient.work)
    patient.bench = make_venv(patient.work / "doomed", python / "bin" / "python3.12")
    install(patient.store, patient.bench, ["kiwisolver==1.5.1"])
    patient.target = str(patient.bench.path)
    patient.words |= {"venv": str(patient.bench.path), "python": str(patient.bench.python)}
    delete(python)

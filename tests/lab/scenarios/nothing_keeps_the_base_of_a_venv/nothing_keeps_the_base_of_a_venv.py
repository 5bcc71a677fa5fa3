"""A venv of a store Python that neither a profile nor a result link leads to: the next collection would take it."""

from pathlib import Path

from lab.scenario import Patient
from lab.store import adding, private_copy
from lab.wheels import make_venv


def prepare(patient: Patient) -> None:
    python = private_copy(Path(patient.words["nix312"]).parent.parent, patient.work)
    patient.bench = make_venv(patient.work / "unrooted", python / "bin" / "python3.12")
    patient.target = str(patient.bench.path)
    patient.words |= {"venv": str(patient.bench.path), "python": str(patient.bench.python)}
    patient.words |= {"doomed": str(python), "adding": str(adding())}

"""A wrapper in the place of the venv's Python that does not pass on the name it was called by."""

from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    patient.bench.python.unlink()
    patient.bench.python.write_text(f'#!/bin/sh\nexec {patient.words["nix312"]} "$@"\n')
    patient.bench.python.chmod(0o755)

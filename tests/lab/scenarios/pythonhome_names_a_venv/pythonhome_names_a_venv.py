"""A wrapper around Python that sets the variable, so that the check itself can still start."""

from lab.scenario import Patient
from lab.workshop import wrapper


def prepare(patient: Patient) -> None:
    wrapper(patient, "PYTHONHOME", "{venv}")

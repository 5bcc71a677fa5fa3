"""A module that needs a library built with a newer nixpkgs than the Python."""

from lab.scenario import Patient
from lab.workshop import module


def prepare(patient: Patient) -> None:
    module(patient, "labuser", libraries=("liblabfresh.so.1",), folders=(patient.store["labfresh"] / "lib",))

"""A module that somebody compiled on a distribution and copied: no wheel, so no libraries beside it."""

from lab.scenario import Patient
from lab.workshop import module


def prepare(patient: Patient) -> None:
    module(patient, "labfort", libraries=("libgfortran.so.5",))

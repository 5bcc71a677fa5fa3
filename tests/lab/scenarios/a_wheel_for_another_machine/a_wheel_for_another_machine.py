"""A wheel for ARM, installed on x86-64 with a platform given by hand."""

from lab.scenario import Patient
from lab.workshop import foreign_wheel


def prepare(patient: Patient) -> None:
    foreign_wheel(patient, "bcrypt==5.0.0", "aarch64-manylinux_2_34")

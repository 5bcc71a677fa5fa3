"""A wheel for Alpine, installed with a platform given by hand (as a container build does it)."""

from lab.scenario import Patient
from lab.workshop import foreign_wheel


def prepare(patient: Patient) -> None:
    foreign_wheel(patient, "orjson==3.13.0", "x86_64-unknown-linux-musl")

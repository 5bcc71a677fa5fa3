"""A wheel of programs for macOS, put into a venv on Linux as `uv pip install --python-platform` allows."""

from lab.scenario import Patient
from lab.workshop import foreign_wheel


def prepare(patient: Patient) -> None:
    foreign_wheel(patient, "ruff==0.12.8", "aarch64-apple-darwin")

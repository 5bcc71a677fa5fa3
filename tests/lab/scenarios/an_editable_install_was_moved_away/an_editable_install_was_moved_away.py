"""A project installed as editable by hatchling, and then renamed."""

from lab.scenario import Patient
from lab.wheels import uv

PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "labapp"
version = "1.0"
"""


def prepare(patient: Patient) -> None:
    project = patient.work / "project"
    (project / "src/labapp").mkdir(parents=True)
    (project / "src/labapp/__init__.py").write_text("")
    (project / "pyproject.toml").write_text(PROJECT)
    options = ("--python", patient.bench.python)
    uv(patient.store, "pip", "install", "-q", *options, "-e", project).check_returncode()
    project.rename(patient.work / "renamed")

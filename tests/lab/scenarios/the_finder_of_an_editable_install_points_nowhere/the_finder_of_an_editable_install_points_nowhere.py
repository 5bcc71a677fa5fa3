"""A project installed as editable by setuptools, and then renamed."""

from lab.scenario import Patient
from lab.wheels import uv

PROJECT = """[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "labapp"
version = "1.0"
[tool.setuptools]
packages = ["labapp"]
"""


def prepare(patient: Patient) -> None:
    project = patient.work / "project"
    (project / "labapp").mkdir(parents=True)
    (project / "labapp/__init__.py").write_text("")
    (project / "pyproject.toml").write_text(PROJECT)
    options = ("--python", patient.bench.python)
    uv(patient.store, "pip", "install", "-q", *options, "-e", project).check_returncode()
    project.rename(patient.work / "renamed")

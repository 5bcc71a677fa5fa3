"""A project whose folder has no venv, in a shell whose python3 is a bare one of the store."""

from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    project = patient.work / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\n')

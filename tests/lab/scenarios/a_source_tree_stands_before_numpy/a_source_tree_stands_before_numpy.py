"""A checkout of numpy on PYTHONPATH: its Python files, and nothing that a build makes."""

import shutil

from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    built = shutil.ignore_patterns("*.so", "__config__.py", "__pycache__")
    shutil.copytree(patient.site_packages / "numpy", patient.work / "checkout" / "numpy", ignore=built)

"""Somebody's first steps with numpy, saved as numpy.py in a folder that PYTHONPATH names."""

from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    (patient.work / "notes").mkdir()
    (patient.work / "notes" / "numpy.py").write_text("print('my first steps')\n")

"""A project with a module that is called like one of the standard library's."""

from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    (patient.work / "pyproject.toml").write_text("[project]\nname = 'labapp'\nversion = '1.0'\n")
    (patient.work / "random.py").write_text("dice = (1, 2, 3, 4, 5, 6)\n")
    (patient.work / "app.py").write_text("import random\nprint(random.randint(1, 6))\n")

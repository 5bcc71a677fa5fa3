"""A module in the folder that the command is started in. With `-P` Python itself does not look there."""

from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    home = patient.work / "home"
    home.mkdir()
    (home / "stray.py").write_text("import os\nprint('PYTHONPATH=' + os.environ['PYTHONPATH'])\n")

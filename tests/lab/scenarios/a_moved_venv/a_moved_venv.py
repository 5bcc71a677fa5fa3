"""A venv with a console script, renamed: the script's first line still names the old place."""

from lab.scenario import Patient
from lab.wheels import Bench


def prepare(patient: Patient) -> None:
    script = patient.bench.path / "bin" / "labtool"
    script.write_text(f"#!{patient.bench.python}\nprint('started')\n")
    script.chmod(0o755)
    moved = patient.bench.path.rename(patient.work / "moved")
    patient.bench = Bench(moved, "")
    patient.target = str(moved)
    patient.words |= {"venv": str(moved), "python": str(patient.bench.python)}

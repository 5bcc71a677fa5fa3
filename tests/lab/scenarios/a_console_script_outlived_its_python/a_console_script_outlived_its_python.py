"""A venv made anew over an old one: a script that was installed before names a Python that was collected since."""

from pathlib import Path

from lab.scenario import Patient
from lab.store import delete, private_copy


def prepare(patient: Patient) -> None:
    old = private_copy(Path(patient.words["nix312"]).parent.parent, patient.work)
    script = patient.bench.path / "bin" / "labtool"
    script.write_text(f"#!{old}/bin/python3.12\nprint('started')\n")
    script.chmod(0o755)
    delete(old)

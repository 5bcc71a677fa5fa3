"""A tracer that starts itself with every Python of the venv."""

from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    (patient.site_packages / "labtrace.py").write_text("raise OSError('tracing needs a server')\n")
    (patient.site_packages / "labtrace.pth").write_text("import labtrace\n")

"""A venv that sees the user site: numpy 2 of the venv, and a pandas below that was compiled for numpy 1."""

from lab.scenario import Patient
from lab.wheels import uv


def prepare(patient: Patient) -> None:
    cfg = patient.bench.path / "pyvenv.cfg"
    cfg.write_text(
        cfg.read_text().replace("include-system-site-packages = false", "include-system-site-packages = true")
    )
    site = patient.work / "user/lib/python3.12/site-packages"
    options = ("--target", site, "--python", patient.words["standalone312"], "--only-binary", ":all:")
    wanted = ("numpy==1.26.4", "pandas==2.1.4")
    uv(patient.store, "pip", "install", "-q", "--no-deps", *options, *wanted).check_returncode()

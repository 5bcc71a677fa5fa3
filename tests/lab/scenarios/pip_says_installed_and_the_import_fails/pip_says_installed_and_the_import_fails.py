"""`pip install --user` put a package down, and the environment's wrapper keeps Python from looking there."""

from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    site = patient.work / "user/lib/python3.12/site-packages"
    info = site / "labnotes-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "labnotes.py").write_text("")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: labnotes\nVersion: 1.0\n")

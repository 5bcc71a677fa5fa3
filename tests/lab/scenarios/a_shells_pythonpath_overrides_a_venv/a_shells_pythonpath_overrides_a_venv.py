"""A venv with a newer release of what the shell's inputs bring: the shell's one is imported."""

from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    info = patient.site_packages / "labtally-2.0.dist-info"
    info.mkdir()
    (patient.site_packages / "labtally.py").write_text("def crc_of_two(one, other): ...\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: labtally\nVersion: 2.0\n")
    (info / "RECORD").write_text(f"labtally.py,,\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n")

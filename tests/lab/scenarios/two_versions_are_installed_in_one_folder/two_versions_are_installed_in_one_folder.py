"""A distribution and what an older version of it left behind: its metadata."""

import shutil

from lab.scenario import Patient
from lab.wheels import tool


def prepare(patient: Patient) -> None:
    old = patient.site_packages / "six-1.16.0.dist-info"
    shutil.copytree(patient.site_packages / "six-1.17.0.dist-info", old)
    metadata = old / "METADATA"
    metadata.write_text(metadata.read_text().replace("Version: 1.17.0", "Version: 1.16.0"))
    patient.words["uv"] = str(tool(patient.store).path / "bin" / "uv")

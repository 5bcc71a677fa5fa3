"""The metadata of an older version, under the name that pip gives to what it is about to delete."""

import shutil

from lab.scenario import Patient
from lab.wheels import tool


def prepare(patient: Patient) -> None:
    site = patient.site_packages
    shutil.copytree(site / "six-1.17.0.dist-info", site / "~ix-1.16.0.dist-info")
    patient.words["tool"] = str(tool(patient.store).python)

"""A library by the name of zbar's in a folder of LD_LIBRARY_PATH."""

import subprocess

from lab.machine import environment
from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    folder = patient.work / "lib"
    folder.mkdir()
    made = ["gcc", "-shared", "-nostdlib", "-x", "c", "/dev/null", "-o", str(folder / "libzbar.so.0")]
    subprocess.run([*made, "-Wl,-soname,libzbar.so.0"], env=environment(), check=True, capture_output=True)

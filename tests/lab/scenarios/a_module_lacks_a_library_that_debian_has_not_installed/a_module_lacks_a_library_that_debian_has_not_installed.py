"""A Python of uv on Debian, and a module that needs a library of the distribution that nobody installed."""

import subprocess

from lab.machine import environment
from lab.scenario import Patient
from lab.workshop import module


def prepare(patient: Patient) -> None:
    folder = patient.work / "elsewhere"
    folder.mkdir()
    library = folder / "libportaudio.so.2"
    made = ["gcc", "-shared", "-nostdlib", "-x", "c", "/dev/null", "-o", str(library), "-Wl,-soname,libportaudio.so.2"]
    subprocess.run(made, env=environment(), check=True, capture_output=True)
    module(patient, "labaudio", libraries=("libportaudio.so.2",), folders=(folder,))

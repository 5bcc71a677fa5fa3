"""A library by the name of NVIDIA's, where NixOS puts it, and a module that needs it."""

import subprocess
from dataclasses import replace

from lab.machine import environment
from lab.scenario import Patient
from lab.workshop import module

DRIVER = "/run/opengl-driver/lib/libcuda.so.1"


def prepare(patient: Patient) -> None:
    folder = patient.work / "driver"
    folder.mkdir()
    library = folder / "libcuda.so.1"
    made = ["gcc", "-shared", "-nostdlib", "-x", "c", "/dev/null", "-o", str(library), "-Wl,-soname,libcuda.so.1"]
    subprocess.run(made, env=environment(), check=True, capture_output=True)
    module(patient, "labcuda", libraries=("libcuda.so.1",), folders=(folder,))
    patient.root = replace(patient.root, files=((DRIVER, library),))

"""A library by the name of NVIDIA's, once where NixOS puts the driver and once where a toolkit keeps its stubs."""

import shutil
import subprocess
from dataclasses import replace

from lab.machine import environment
from lab.scenario import Patient
from lab.workshop import module

DRIVER = "/run/opengl-driver/lib/libcuda.so.1"


def prepare(patient: Patient) -> None:
    stubs = patient.work / "cuda" / "lib" / "stubs"
    stubs.mkdir(parents=True)
    stub, driver = stubs / "libcuda.so.1", patient.work / "libcuda.so.1"
    made = ["gcc", "-shared", "-nostdlib", "-x", "c", "/dev/null", "-o", str(stub), "-Wl,-soname,libcuda.so.1"]
    subprocess.run(made, env=environment(), check=True, capture_output=True)
    shutil.copy(stub, driver)
    module(patient, "labcuda", libraries=("libcuda.so.1",), folders=(stubs,))
    patient.root = replace(patient.root, files=((DRIVER, driver),))

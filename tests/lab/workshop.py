"""Makes what no registry offers: a module compiled for one scenario, a wheel for another platform."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab.machine import environment
from lab.scenario import Patient
from lab.wheels import uv

_SOURCE = """#include <Python.h>
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "NAME", NULL, 0, NULL};
PyMODINIT_FUNC PyInit_NAME(void) { return PyModule_Create(&module); }
"""


def module(
    patient: Patient,
    name: str,
    libraries: Sequence[str],
    folders: Sequence[Path] = (),
    *,
    code: str = "",
    runpath: str | None = None,
) -> Path:
    """Installs a distribution `name` 1.0 with one extension that needs these sonames, mostly without a search path."""
    site = patient.site_packages
    minor = site.parent.name
    include = next(Path(patient.words["base"]).resolve().parent.parent.glob(f"include/{minor}"))
    target = site / f"{name}.cpython-{minor.removeprefix('python').replace('.', '')}-x86_64-linux-gnu.so"
    source = patient.work / f"{name}.c"
    source.write_text(_SOURCE.replace("NAME", name) + code)
    places = [*folders, patient.store["gfortranLib"] / "lib", patient.store["gccLib"] / "lib"]
    objects = [next(str(place / soname) for place in places if (place / soname).exists()) for soname in libraries]
    command = ["gcc", "-shared", "-fPIC", f"-I{include}", str(source), "-o", str(target)]
    command += ["-Wl,--no-as-needed", "-Wl,--allow-shlib-undefined", *objects]
    if runpath is not None:
        command.append(f"-Wl,-rpath,{runpath}")
    subprocess.run(command, env=environment(), check=True, capture_output=True)
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "RECORD").write_text(
        "".join(f"{path},,\n" for path in (target.name, f"{info.name}/METADATA", f"{info.name}/RECORD"))
    )
    return target


def wrapper(patient: Patient, variable: str, value: str) -> Path:
    """A shell script `python` in the work folder that sets one variable and becomes the venv's Python."""
    script = patient.work / "python"
    script.write_text(f'#!/bin/sh\nexport {variable}=\'{patient.fill(value)}\'\nexec "{patient.bench.python}" "$@"\n')
    script.chmod(0o755)
    return script


def foreign_wheel(patient: Patient, requirement: str, platform: str) -> None:
    """Installs a wheel made for another platform into the patient's venv, as uv's `--python-platform` allows."""
    target = ("--target", patient.site_packages, "--python", patient.bench.python)
    options = (*target, "--python-platform", platform, "--only-binary", ":all:", "--no-deps")
    child = uv(patient.store, "pip", "install", "-q", *options, requirement)
    assert child.returncode == 0, child.stderr

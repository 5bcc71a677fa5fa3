"""The user site is switched off and PYTHONPATH names it instead; only the wrapper around the shell's Python adds Nix'.

So the shell finds the NumPy that Nix built first, and the program, which no wrapper starts, the wheel.
"""

from lab.hosts import environment_with, links, numpy, pyo3, pyphi, rebuilding, wheel
from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    store = patient.store
    python = store["nixPython312"]
    env = environment_with(patient, python, "3.12", numpy(patient, python, "3.12"))
    user = patient.work / "home/.local/lib/python3.12/site-packages"
    wheel(patient, python / "bin/python3.12", user)
    pyphi(user)
    script = patient.work / "bin" / "python3"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\nexport PYTHONPATH={env}/lib/python3.12/site-packages:$PYTHONPATH\nexec {env}/bin/python3 "$@"\n'
    )
    script.chmod(0o755)
    patient.words |= {
        "host": str(pyo3(python / "bin/python3.12", links(patient.store, python, store["glibc"]))),
        "env": str(env),
    }
    patient.words |= rebuilding(patient, python, store["glibc"])
    patient.env |= {
        "PATH": f"{script.parent}:/usr/bin:/bin",
        "PYTHONPATH": str(user),
        "PYTHONNOUSERSITE": "1",
    }

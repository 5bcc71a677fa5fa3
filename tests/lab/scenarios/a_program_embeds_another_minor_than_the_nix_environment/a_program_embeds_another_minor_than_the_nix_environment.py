"""The Python of the build was another one than the shell's: NumPy's modules carry the tag of a Python 3.12."""

from lab.hosts import environment_with, links, numpy, pyo3, pyphi, rebuilding
from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    store = patient.store
    env = environment_with(patient, store["nixPython312"], "3.12", numpy(patient, store["nixPython312"], "3.12"))
    other = store["nixPython311"]
    user = patient.work / "home/.local/lib/python3.12/site-packages"
    pyphi(user)
    patient.words |= {
        "host": str(pyo3(other / "bin/python3.11", links(patient.store, other, store["glibc"]))),
        "env": str(env),
    }
    patient.words |= rebuilding(patient, store["nixPython312"], store["glibc"])
    patient.env |= {
        "PATH": f"{env}/bin:/usr/bin:/bin",
        "PYTHONPATH": f"{env}/lib/python3.12/site-packages:{user}",
    }

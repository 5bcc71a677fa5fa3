"""Built outside of Nix: the program has the C library of the distribution, and NumPy in the store wants a newer one."""

from lab.hosts import environment_with, links, numpy, pyo3, pyphi, rebuilding, with_newer_libc
from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    newer = with_newer_libc(patient, patient.store["nixPython311"], "3.11")
    package = numpy(patient, patient.store["nixPython311"], "3.11", newer_libc=True)
    env = environment_with(patient, newer, "3.11", package, patient.store["glibcNew"])
    own = patient.store["standalone311"]
    user = patient.work / "home/.local/lib/python3.11/site-packages"
    pyphi(user)
    patient.words |= {"host": str(pyo3(own / "bin/python3.11", links(patient.store, own, None))), "env": str(env)}
    patient.words |= rebuilding(patient, newer, patient.store["glibcNew"])
    patient.env |= {
        "PATH": f"{env}/bin:/usr/bin:/bin",
        "PYTHONPATH": f"{env}/lib/python3.11/site-packages:{user}",
        "PYTHONNOUSERSITE": "1",
    }

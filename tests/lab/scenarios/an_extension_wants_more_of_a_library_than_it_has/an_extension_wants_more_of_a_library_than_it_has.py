"""An extension that was built with a newer release of a library than the one beside it."""

import subprocess

from lab.scenario import Patient
from lab.workshop import module


def prepare(patient: Patient) -> None:
    folder = patient.site_packages / "labcaller.libs"
    folder.mkdir()

    def build(code: str) -> None:
        command = ["gcc", "-shared", "-fPIC", "-nostdlib", "-xc", "-", "-o", str(folder / "liblabtally.so.1")]
        subprocess.run([*command, "-Wl,-soname,liblabtally.so.1"], input=code, text=True, check=True)

    build("int labtally_begin(void) { return 0; } int labtally_count(void) { return 1; }")
    calls = "int labtally_count(void); int labcaller(void) { return labtally_count(); }"
    module(
        patient,
        "labcaller",
        libraries=("liblabtally.so.1",),
        folders=(folder,),
        code=calls,
        runpath="$ORIGIN/labcaller.libs",
    )
    build("int labtally_begin(void) { return 0; }")

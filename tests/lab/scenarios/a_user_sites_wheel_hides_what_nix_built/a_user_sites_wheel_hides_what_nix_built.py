"""An environment that permits the user site, and a wheel there that was not made for the store's loader."""

import shutil
import subprocess

from lab.machine import environment
from lab.scenario import Patient
from lab.wheels import uv


def prepare(patient: Patient) -> None:
    built = patient.store["labtally312"] / "lib/python3.12/site-packages"
    site = patient.work / "user/lib/python3.12/site-packages"
    shutil.copytree(built / "labtally", site / "labtally")
    (extension,) = (site / "labtally").glob("*.so")
    extension.chmod(0o755)
    command = ["patchelf", "--remove-rpath", "--add-needed", "libstdc++.so.6", str(extension)]
    subprocess.run(command, check=True, env=environment())
    options = ("--target", site, "--python", patient.words["nix312"])
    uv(patient.store, "pip", "install", "-q", *options, "pip==24.3.1").check_returncode()
    info = site / "labtally-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: labtally\nVersion: 2.0\n")
    (info / "RECORD").write_text(
        f"labtally/__init__.py,,\nlabtally/{extension.name},,\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n"
    )
    # What the wrapper of `permitUserSite = true` does: the environment's own name, and no PYTHONNOUSERSITE.
    script = patient.work / "bin" / "python3"
    script.parent.mkdir()
    start = f'exec -a {patient.words["env-new"]} {patient.words["nix312"]} "$@"'
    script.write_text(f"#!/bin/bash\n{start}\n")
    script.chmod(0o755)

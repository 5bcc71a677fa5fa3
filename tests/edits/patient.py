"""A copy of real wheels in a folder that looks like a venv, and what tells whether it is as it was."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from nixpydoctor.edits import Applied, apply
from nixpydoctor.edits.patch import surveyed
from nixpydoctor.facts import Elf, FsPath, Object
from nixpydoctor.treatments import Edit, SetSearchPath

WHEELS = ("psutil", "rpds-py", "librt")
ENVIRON = {"PATH": os.environ.get("PATH", os.defpath)}

Snapshot = Mapping[str, tuple[int, int, int, str]]


@dataclass
class Patient:
    """A venv-like folder with real extensions in it."""

    base: Path

    @property
    def site(self) -> Path:
        return self.base / "lib" / "site-packages"

    @property
    def extensions(self) -> list[Path]:
        return sorted(self.site.rglob("*.so"))

    def object(self, path: Path) -> Elf:
        """What stands at a path now."""
        found = surveyed(FsPath(str(path)))
        assert isinstance(found, Elf)
        return found

    def survey(self) -> Mapping[str, tuple[Object, ...]]:
        """Every extension as it is now."""
        return {str(path): (self.object(path),) for path in self.extensions}

    def edits(self, folder: str = "/somewhere/lib", tag: str = "runpath") -> list[Edit]:
        """One folder more on the search path of every extension."""
        made: list[Edit] = []
        for path in self.extensions:
            obj = self.object(path)
            have = obj.runpath if obj.runpath is not None else obj.rpath
            kind = tag if have is None else "runpath" if obj.runpath is not None else "rpath"
            dirs = (*(have.split(":") if have else ()), folder)
            made.append(SetSearchPath(FsPath(str(path)), kind, dirs))  # type: ignore[arg-type]
        return made

    def apply(self, edits: list[Edit] | None = None, environ: Mapping[str, str] = ENVIRON) -> Applied:
        """Apply, on what is surveyed now."""
        seen = self.survey()
        return apply(self.edits() if edits is None else edits, self.root, "runpath", seen.get, environ)

    @property
    def root(self) -> FsPath:
        return FsPath(str(self.base))

    def snapshot(self) -> Snapshot:
        """Path → inode, mode, time and digest of every file."""
        found = {}
        for path in sorted(self.base.rglob("*")):
            if path.is_file() and not path.is_symlink():
                status = path.stat()
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found[str(path.relative_to(self.base))] = (status.st_ino, status.st_mode, status.st_mtime_ns, digest)
        return found

    def imports(self, module: str) -> subprocess.CompletedProcess[str]:
        """A fresh process that imports a module from here."""
        code = f"import sys; sys.path.insert(0, {str(self.site)!r}); import {module}; print({module}.__file__)"
        return subprocess.run([sys.executable, "-I", "-B", "-c", code], capture_output=True, text=True, check=False)

    def untrue_records(self) -> list[str]:
        """Lines of RECORDs whose digest or size is not that of the file."""
        untrue = []
        for record in self.site.glob("*.dist-info/RECORD"):
            for name, digest, size in csv.reader(record.read_text().splitlines()):
                path = self.site / name
                if digest and path.exists():
                    data = path.read_bytes()
                    real = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                    if digest != f"sha256={real}" or int(size) != len(data):
                        untrue.append(name)
        return untrue


def a_patient(folder: Path) -> Patient:
    """A venv of the compiled wheels that the tests themselves run with."""
    patient = Patient(folder)
    for name in WHEELS:
        for file in distribution(name).files or ():
            source = Path(str(file.locate()))
            if ".." not in file.parts and source.is_file() and source.suffix != ".pyc":
                target = patient.site / str(file)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
    return patient

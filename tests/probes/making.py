"""Makers of small real folders: venvs, scripts, site-packages."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from nixpydoctor.facts import FsPath, PathEntry, Python, Unread
from nixpydoctor.probes.site import Site
from nixpydoctor.target import Target, find

TAG = "cpython-312-x86_64-linux-gnu"
SUFFIXES = (f".{TAG}.so", ".abi3.so", ".so")


def pythons() -> list[str]:
    """The Python that runs the tests, and every other one that pyenv has."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    others = [str(path) for path in sorted(root.glob("3.*/bin/python3")) if path.exists()]
    return [sys.executable, *others]


def extension() -> Path:
    """A real extension module, which defines PyInit__bisect or the like."""
    folder = Path(sysconfig.get_path("stdlib")) / "lib-dynload"
    return sorted(folder.glob("_*.cpython-*.so"))[0]


def script(path: Path, text: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def venv(root: Path, python: str = sys.executable, **settings: str) -> Path:
    """A venv as `python -m venv --without-pip` leaves it."""
    base = os.path.realpath(python)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    (root / "bin").mkdir(parents=True)
    (root / "lib" / f"python{version}" / "site-packages").mkdir(parents=True)
    (root / "bin" / "python").symlink_to(base)
    said = {
        "home": os.path.dirname(base),
        "include-system-site-packages": "false",
        "version": f"{version}.0",
        **settings,
    }
    (root / "pyvenv.cfg").write_text("".join(f"{key.replace('_', '-')} = {value}\n" for key, value in said.items()))
    return root


def site_packages(root: Path) -> Path:
    """The site folder of a venv of `venv`."""
    return root / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"


def target(path: Path, environ: Mapping[str, str] | None = None) -> Target:
    """The target at a path."""
    return find(str(path), environ or {}, str(path.parent))


def install(
    site: Path, name: str, files: Mapping[str, bytes | str], *, version: str = "1.0", record: str | None = ""
) -> None:
    """Put a distribution into a site folder. `record` is appended to RECORD; None leaves RECORD out."""
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nA text.\n")
    (info / "INSTALLER").write_text("uv\n")
    for path, content in files.items():
        place = site / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    if record is not None:
        lines = [f"{path},sha256=x,1\n" for path in files]
        (info / "RECORD").write_text("".join(lines) + record + f"{info.name}/RECORD,,\n")


def a_python(*folders: Path, suffixes: tuple[str, ...] = SUFFIXES, prefix: Path | None = None) -> Python:
    """A Python with these folders on its path."""
    return Python(
        command=FsPath("/usr/bin/python3.12"),
        version="3.12.1",
        suffixes=suffixes,
        prefix=FsPath(str(prefix or folders[0])),
        path=tuple(PathEntry(FsPath(str(folder)), "venv") for folder in folders),
    )


def examined(*folders: Path, python: Python | None = None) -> tuple[Site, list[Unread], Python]:
    """A site probe over these folders, and where its notes go."""
    notes: list[Unread] = []
    return Site(notes.append), notes, python or a_python(*folders)

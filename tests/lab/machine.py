"""What the lab needs of this machine and where it keeps its own things; what is missing becomes one sentence.

The authority for the needs is `store.nix`: it runs the host's own tools and copies the host's own libraries.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

NIX_CONFIG = (
    "sandbox = false\nbuild-users-group =\nsubstitute = false\nexperimental-features = nix-command flakes\n"
    "flake-registry =\nwarn-dirty = false\n"
)
"""Every setting of Nix travels in this variable: nothing of the machine's own configuration is written."""

CERTIFICATES = {name: os.environ[name] for name in ("SSL_CERT_FILE", "NIX_SSL_CERT_FILE") if name in os.environ}
"""Who signed for the registry: kept from the start, because tests see none of the shell's variables."""

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
PROGRAMS = ("nix-build", "nix-store", "nix-instantiate", "bwrap", "patchelf", "busybox", "gcc", "g++", "make", "bison",
            "gawk", "objdump", "cargo")  # fmt: skip
PACKAGES = (
    "nix-bin bubblewrap patchelf busybox-static glibc-source bison gawk cargo gcc g++ make binutils "
    "libgfortran5 libquadmath0 libatomic1 zlib1g-dev libexpat1-dev libpython3-dev"
)


EMBEDDED = ("3.9", "3.10", "3.13")
"""Further Pythons that are copied into the store where this machine has them: programs embed them, no more."""


class LabError(Exception):
    """What this machine lacks, in one sentence."""


@dataclass(frozen=True, slots=True)
class HostPython:
    """A CPython of this machine that lives in a folder of its own, so that it can be copied."""

    prefix: Path
    version: str
    """For example `3.12.1`."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The inputs of the store."""

    glibc_source: Path
    glibc_version: str
    pythons: dict[str, HostPython]
    """By minor version: `3.12` and `3.11`, and those of `EMBEDDED` that are here."""


def cache() -> Path:
    """The lab's one folder: store roots, venvs, what the judge saw."""
    chosen = os.environ.get("NIXPYDOCTOR_LAB_CACHE")
    folder = Path(chosen) if chosen else Path.home() / ".cache" / "nixpydoctor-lab"
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def environment(**more: str) -> dict[str, str]:
    """Where the lab runs tools: the caller's variables without those that change outcomes, and Nix' settings."""
    subject = ("LD_", "NIX_", "PYTHON", "VIRTUAL_ENV", "CONDA", "UV_PYTHON", "UV_PROJECT")
    keep = {name: value for name, value in os.environ.items() if not name.startswith(subject)}
    keep |= CERTIFICATES
    return {**keep, "NIX_CONFIG": NIX_CONFIG, "PYTHONDONTWRITEBYTECODE": "1", **more}


def survey() -> Machine:
    """Finds every input, or raises LabError with the first thing that is missing."""
    if os.uname().sysname != "Linux" or os.uname().machine != "x86_64":
        raise LabError(f"the lab runs on x86-64 Linux, and this is {os.uname().machine} {os.uname().sysname}")
    lacking = [name for name in PROGRAMS if shutil.which(name) is None]
    if lacking:
        raise LabError(f"the lab needs {', '.join(lacking)} (on Debian: apt-get install {PACKAGES})")
    _writable_store()
    _namespaces()
    source = _glibc_source()
    version = re.search(r"glibc-([0-9.]+)\.tar", source.name)
    if version is None:
        raise LabError(f"the lab cannot tell the version of the C library from the name {source}")
    pythons = {minor: _python(minor) for minor in ("3.12", "3.11")}
    for minor in EMBEDDED:
        with suppress(LabError):
            pythons[minor] = _python(minor)
    return Machine(source, version[1], pythons)


def _writable_store() -> None:
    for folder in (Path("/nix/store"), Path("/nix"), Path("/")):
        if folder.exists():
            if not os.access(folder, os.W_OK):
                raise LabError(
                    "the lab builds into /nix/store itself, without a daemon, and this user may not: run it as root"
                )
            return


def _namespaces() -> None:
    tried = subprocess.run(["bwrap", "--ro-bind", "/", "/", "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        reason = (tried.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise LabError(f"the lab needs root or user namespaces for its NixOS-like roots, and bwrap says: {reason}")


def _glibc_source() -> Path:
    chosen = os.environ.get("LAB_GLIBC_SRC")
    found = [Path(chosen)] if chosen else sorted(Path("/usr/src/glibc").glob("glibc-*.tar.*"))
    if not found or not found[0].is_file():
        raise LabError("the lab needs the source of glibc as a tarball: LAB_GLIBC_SRC, or Debian's glibc-source")
    return found[0]


def _python(minor: str) -> HostPython:
    for command in _candidates(minor):
        found = _asked(command, minor)
        if found is not None:
            return found
    variable = f"LAB_PYTHON_{minor.replace('.', '')}"
    raise LabError(
        f"the lab needs a CPython {minor} in a folder of its own (pyenv, uv, a tarball): name it in {variable}"
    )


def _candidates(minor: str) -> list[Path]:
    """Executables that may be such a Python: the one named, those on PATH, those of version managers."""
    chosen = os.environ.get(f"LAB_PYTHON_{minor.replace('.', '')}")
    if chosen:
        return [Path(chosen) / "bin" / f"python{minor}"]
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(":") if folder]
    home = Path.home()
    managers = [
        Path(os.environ.get("PYENV_ROOT", str(home / ".pyenv"))) / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR", str(home / ".local/share/uv/python"))),
        home / ".asdf/installs/python",
        home / ".local/share/mise/installs/python",
    ]
    managed = [
        python for folder in managers if folder.is_dir() for python in sorted(folder.glob(f"*/bin/python{minor}"))
    ]
    return [folder / f"python{minor}" for folder in folders] + managed


def _asked(command: Path, minor: str) -> HostPython | None:
    if not command.exists():
        return None
    question = (
        "import json, platform, sys, sysconfig; print(json.dumps([sys.base_prefix, platform.python_version(), "
        "bool(sysconfig.get_config_var('Py_GIL_DISABLED')), sys.implementation.name]))"
    )
    child = subprocess.run(
        [command, "-I", "-c", question], capture_output=True, text=True, env=environment(), check=False
    )
    if child.returncode != 0:
        return None
    prefix, version, free_threaded, implementation = json.loads(child.stdout)
    of_its_own = prefix not in ("/usr", "/usr/local", "/") and not prefix.startswith("/nix/")
    fits = version.startswith(f"{minor}.") and implementation == "cpython" and not free_threaded
    return HostPython(Path(prefix), version) if of_its_own and fits else None

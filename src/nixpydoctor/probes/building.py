"""Reads for which Python PyO3 configured a build, and for which it would configure one in this shell.

The first stands in Cargo's build folder beside the program: what pyo3-ffi's build script printed, its configuration in
hexadecimal digits (`PYO3_CONFIG`). The second is what PyO3's variables say ("Configuring the Python version", PyO3's
guide): a file before a Python, and PYO3_NO_PYTHON before both of the ways to look for one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress

from nixpydoctor.facts import Configured, FsPath
from nixpydoctor.files import Files

_CONFIG = re.compile(r"PYO3_CONFIG=([0-9a-f]+)")
_MINOR = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})(?![0-9])")
_NAMED = re.compile(r"python3\.([0-9]{1,3})t?")
_LARGEST = 1 << 20
_LEVELS = 3
"""Folders between a profile's and its programs: `release/examples/app`, `release/deps/app`."""


def configured(program: FsPath, minor: int, files: Files) -> Configured | None:
    """What the build folder beside a program says; of several configurations the newest for this minor, else of all."""
    folder = files.realpath(program)
    for _ in range(_LEVELS):
        folder = os.path.dirname(folder)
        found = _outputs(f"{folder}/build", files)
        if found:
            fitting = [one for _, one in found if one.minor == (3, minor)]
            return fitting[0] if fitting else found[0][1]
    return None


def _outputs(folder: str, files: Files) -> list[tuple[float, Configured]]:
    """What each build script of pyo3-ffi said, the newest first."""
    found: list[tuple[float, Configured]] = []
    with suppress(OSError):
        for name in os.listdir(files.at(folder)):
            path = f"{folder}/{name}/output"
            match = _CONFIG.search(files.text(path, _LARGEST) or "") if name.startswith("pyo3-ffi-") else None
            if match is not None:
                with suppress(ValueError):
                    said = read(bytes.fromhex(match[1]).decode(), FsPath(path))
                    found.append((os.stat(files.at(path)).st_mtime, said))
    return sorted(found, key=lambda pair: -pair[0])


def wished(env: Mapping[str, str], files: Files) -> Configured | None:
    """What a build in this shell would be configured for by PyO3's variables; None where they say nothing."""
    path = env.get("PYO3_CONFIG_FILE")
    if path:
        return read(files.text(path, _LARGEST) or "", "PYO3_CONFIG_FILE")
    if env.get("PYO3_NO_PYTHON"):
        return Configured("PYO3_NO_PYTHON")
    said = env.get("PYO3_PYTHON")
    return Configured("PYO3_PYTHON", FsPath(said), _version(said, env, files)) if said else None


def read(text: str, by: str) -> Configured:
    """A configuration as PyO3 writes it: `key=value`, a line each."""
    said = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in text.splitlines())}
    version = _MINOR.match(said.get("version", ""))
    stable = said.get("abi3") == "true" or "-abi3" in said.get("target_abi", "")
    minor = (int(version[1]), int(version[2])) if version is not None else None
    return Configured(by, FsPath(said.get("executable", "")), minor, stable, FsPath(said.get("lib_dir", "")))


def _version(said: str, env: Mapping[str, str], files: Files) -> tuple[int, int] | None:
    """The minor version of a Python or of a command, by the name of the file that it leads to."""
    folders = [""] if "/" in said else [f"{folder}/" for folder in env.get("PATH", "").split(":")]
    for folder in folders:
        path = f"{folder}{said}"
        if files.exists(path):
            match = _NAMED.search(os.path.basename(files.realpath(path)))
            return (3, int(match[1])) if match is not None else None
    return None

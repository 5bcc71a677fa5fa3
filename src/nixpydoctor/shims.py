"""Finds the Python behind the shim of a version manager, without starting either.

A shim is a small program on PATH that picks a Python by the folder it is called in. pyenv's choice is documented
(PYENV_VERSION, then `.python-version` files upwards, then the global `version` file) and followed here; the other
managers' choices are theirs to know.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from nixpydoctor.files import HERE, Files
from nixpydoctor.light import dataclass

_SMALL = 4096
_PYENV = rb"exec\s+\"?[^\s\"]*pyenv\"?\s+exec\b"
_ASDF = rb"exec\s+\"?[^\s\"]*asdf\"?\s+exec\b"


class UnknownShim(Exception):  # noqa: N818 - it says what was met
    """A shim whose Python cannot be told; the message begins a sentence."""


@dataclass(frozen=True, slots=True)
class Shim:
    """A shim and what it stands for."""

    manager: str
    command: str | None
    """The Python; None where the manager leaves the choice to the rest of PATH (`system`)."""


def behind(path: str, environ: Mapping[str, str], cwd: str, files: Files = HERE) -> Shim | None:
    """What the shim at `path` would start in `cwd`; None where `path` is no shim. Raises `UnknownShim`."""
    if os.path.basename(files.realpath(path)) in ("mise", "rtx"):
        raise UnknownShim(f"{path} is a shim of mise, which alone knows the Python behind it")
    head = files.start(path, _SMALL)
    if head is None or not head.startswith(b"#!"):
        return None
    if re.search(_ASDF, head):
        raise UnknownShim(f"{path} is a shim of asdf, which alone knows the Python behind it")
    if not re.search(_PYENV, head):
        return None
    return Shim("pyenv", _pyenv(path, environ, cwd, files))


def _pyenv(path: str, environ: Mapping[str, str], cwd: str, files: Files) -> str | None:
    root = environ.get("PYENV_ROOT") or os.path.dirname(os.path.dirname(path))
    name = os.path.basename(path)
    wanted = _wanted(root, environ, cwd, files)
    if not wanted:
        return None
    for version in wanted:
        if version == "system":
            return None
        for folder in _installed(root, version, files):
            command = os.path.join(folder, "bin", name)
            if files.isfile(command):
                return command
    raise UnknownShim(f"{path} is a shim of pyenv for {', '.join(wanted)}, of which none with {name} is in {root}")


def _wanted(root: str, environ: Mapping[str, str], cwd: str, files: Files) -> list[str]:
    """The versions in force, in the order in which pyenv tries them."""
    said = environ.get("PYENV_VERSION")
    if said:
        return said.split(":")
    folder = environ.get("PYENV_DIR") or cwd
    while True:
        versions = _lines(os.path.join(folder, ".python-version"), files)
        if versions:
            return versions
        above = os.path.dirname(folder)
        if above == folder:
            return _lines(os.path.join(root, "version"), files)
        folder = above


def _lines(path: str, files: Files) -> list[str]:
    text = files.text(path, _SMALL) or ""
    return [word for line in text.splitlines() for word in line.partition("#")[0].split()]


def _installed(root: str, version: str, files: Files) -> Iterator[str]:
    """The folder of that very version, else of the newest one that begins with it."""
    versions = os.path.join(root, "versions")
    if "/" not in version or files.isdir(os.path.join(versions, version)):
        yield os.path.join(versions, version)
    try:
        names = os.listdir(files.at(versions))
    except OSError:
        return
    alike = [name for name in names if name.startswith(f"{version}.") and name[len(version) + 1 :].isdigit()]
    yield from (os.path.join(versions, name) for name in sorted(alike, key=lambda name: -int(name.rpartition(".")[2])))

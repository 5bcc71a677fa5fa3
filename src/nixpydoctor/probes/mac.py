"""Recognises a Python of macOS by its files, on a Mac and from elsewhere: a copied or mounted venv is examined as well.

Nothing of it can be started on another system. Its process, its suffixes and its dyld are told by the files and by what
the user says of the Mac (`--macos`, `--target-arch`).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Dist, FsPath, Loader, Platform, Process, Python, in_store, store_path
from nixpydoctor.files import HERE, Files
from nixpydoctor.light import NamedTuple, replace

DYLD = FsPath("/usr/lib/dyld")
NEWEST = "26.0"
"""The macOS that is assumed where nobody names one."""

_DARWIN = re.compile(r"\.cpython-\d+t?-darwin\.so\Z")
_FRAMEWORK = re.compile(r"(.*/Python3?\.framework/Versions/3\.\d+)/bin/[^/]+\Z")
_BUNDLED = "Resources/Python.app/Contents/MacOS/Python"
_LOOKED_AT = 2000
"""Names looked at to see for which system a site-packages was made."""


class Mac(NamedTuple):
    """The Mac that a Python belongs to."""

    version: str
    cpu: Literal["arm64", "x86_64"]


def suffixes(minor: int) -> tuple[str, ...]:
    """The extension suffixes of a CPython for macOS."""
    return (f".cpython-3{minor}-darwin.so", ".abi3.so", ".so")


def told(python: Python, mac: Mac, files: Files = HERE) -> Python:
    """What is sure of a Python of this Mac that was not asked.

    Where its standard library is not here, all of it is taken to be importable: nothing fails for want of a part of it.
    """
    minor = (python.minor or (3, 0))[1]
    here = any(files.exists(os.path.join(entry.path, "os.py")) for entry in python.path)
    return replace(
        python,
        platform="darwin",
        machine=mac.cpu,
        suffixes=suffixes(minor),
        soabi=f"cpython-3{minor}-darwin",
        builtins=python.builtins if here else frozenset(sys.stdlib_module_names),
    )


def of_mac(executable: FsPath, path: tuple[str, ...], disk: Disk, mac: Mac | None, files: Files = HERE) -> Mac | None:
    """The Mac of this Python; None where it is one for another system.

    Told by the user, by the program where it is here, else by the names of extension modules on its path.
    """
    if mac is not None:
        return mac
    found = disk.slices(executable)
    if isinstance(found, tuple) and found:
        native = "arm64" if any(part.arch.name.startswith("arm64") for part in found) else "x86_64"
        return Mac(_running() or NEWEST, "arm64" if native == "arm64" else "x86_64")
    if files.exists(executable):
        return None
    return Mac(NEWEST, "arm64") if any(_DARWIN.search(name) for name in _some(path, files)) else None


def process(executable: FsPath, env: Mapping[str, str], mac: Mac, files: Files = HERE) -> Process:
    """The program as dyld would start it.

    The `bin/python` of a framework build only starts the one in the application bundle beside it, so that Python may
    have windows (CPython's Mac/Tools/pythonw.c).
    """
    within = _FRAMEWORK.match(executable)
    if within is not None and files.exists(bundled := f"{within[1]}/{_BUNDLED}"):
        executable = FsPath(files.realpath(bundled))
    return Process(executable, DYLD, Loader(DYLD, DYLD, "dyld", version=mac.version, platform=mac.cpu), env)


def platform(mac: Mac, here: Platform) -> Platform:
    """The Mac where the Python runs, which need not be the machine that is asked."""
    return Platform("darwin", mac.cpu, f"macOS {mac.version}", here.nix)


def named_in_images(dists: Iterable[Dist], disk: Disk, files: Files = HERE) -> frozenset[FsPath]:
    """The store paths that are there and that images outside of the store name as a library or in an LC_RPATH."""
    said: set[str] = set()
    for path in (path for dist in dists for path in (*dist.extensions, *dist.libraries) if not in_store(path)):
        slices = disk.slices(path)
        for part in slices if isinstance(slices, tuple) else ():
            said.update((*part.rpaths, *(need.name for need in part.needed)))
    paths = {store_path(name) for name in said}
    return frozenset(path for path in paths if path is not None and files.lexists(path))


def _running() -> str:
    """This Mac's version; empty on another system."""
    import platform as told

    return told.mac_ver()[0]


def _some(path: tuple[str, ...], files: Files) -> Iterator[str]:
    """File names below the folders of a path, the first ones of each."""
    for folder in path:
        left = _LOOKED_AT
        for _, _, names in files.walk(folder):
            yield from names
            left -= len(names)
            if left < 0:
                break

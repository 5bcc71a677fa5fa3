"""Tells which distributions may open libraries by name when they are imported, from a look at their outermost files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from nixpydoctor.facts import FsPath, join

_TOOLS = (b"ctypes", b"cffi")
_CALLS = (b"CDLL", b"PyDLL", b"dlopen", b"LoadLibrary", b"find_library")
_LARGEST = 1 << 22


def opens(location: FsPath, top_level: Iterable[str], tags: Iterable[str]) -> bool:
    """Whether sources of the outermost level speak of opening a library.

    Only wheels that are built for no Python's binary interface (`py3-none-any`, `py3-none-manylinux…`) are looked into:
    the others have extensions to link libraries with, and where they open one all the same, `knowledge` says so.
    """
    if any(tag.split("-")[1:2] != ["none"] for tag in tags):
        return False
    return any(_speaks(path) for name in top_level for path in _sources(location, name))


def _sources(location: FsPath, name: str) -> Iterable[FsPath]:
    folder = join(location, name)
    try:
        names = os.listdir(folder)
    except OSError:
        return (join(location, f"{name}.py"),)
    return (join(folder, one) for one in names if one.endswith(".py"))


def _speaks(path: FsPath) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        status = os.fstat(handle)
        data = os.read(handle, min(status.st_size, _LARGEST)) if stat.S_ISREG(status.st_mode) else b""
    except OSError:
        return False
    finally:
        os.close(handle)
    return any(word in data for word in _TOOLS) and any(word in data for word in _CALLS)

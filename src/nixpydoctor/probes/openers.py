"""Tells which distributions may open libraries by name when they are imported, from a look at their sources."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from nixpydoctor.facts import FsPath, join
from nixpydoctor.files import HERE, Files

_TOOLS = re.compile(rb"c(?:types|ffi)")
_SIGNS = (b"DLL", b"dlopen", b"LoadLibrary", b"find_library")
"""A part of each name that `_CALL` knows: megabytes are looked through, and each word costs as much as reading them."""
_CALL = (
    rb"(?m)^(?![ \t]*#)[^\n]*\b(?<!windll\.)(?<!oledll\.)(?:CDLL|PyDLL|dlopen|LoadLibrary|find_library)\b"
    rb"(?!\s*\(\s*None\b)"
)
"""What opens, not in a line that is a comment, not on Windows, and not for the program itself, which always opens."""
_LARGEST = 1 << 22


def opens(
    location: FsPath,
    top_level: Iterable[str],
    tags: Iterable[str],
    requires: Iterable[str] = (),
    files: Files = HERE,
) -> bool:
    """Whether its sources speak of opening a library.

    All sources of a distribution that requires cffi are looked into, since opening by name is one of the two things
    that cffi is for. Of the others the outermost ones, where the wheel is built for no Python's binary interface
    (`py3-none-any`, `py3-none-manylinux…`): the rest have extensions to link libraries with, and where they open one
    all the same, `knowledge` says so.
    """
    if "cffi" in requires:
        return any(_speaks(path, files) for name in top_level for path in _below(location, name, files))
    if any(tag.split("-")[1:2] != ["none"] for tag in tags):
        return False
    return any(_speaks(path, files, _TOOLS) for name in top_level for path in _sources(location, name, files))


def _sources(location: FsPath, name: str, files: Files) -> Iterable[FsPath]:
    folder = join(location, name)
    try:
        names = os.listdir(files.at(folder))
    except OSError:
        return (join(location, f"{name}.py"),)
    return (join(folder, one) for one in names if one.endswith(".py"))


def _below(location: FsPath, name: str, files: Files) -> Iterator[FsPath]:
    """Every source of a top-level name, but for its tests: no plain import reaches those."""
    yield join(location, f"{name}.py")
    for folder, folders, names in files.walk(join(location, name)):
        folders[:] = [one for one in folders if one not in ("__pycache__", "tests")]
        yield from (join(FsPath(folder), one) for one in names if one.endswith(".py"))


def _speaks(path: FsPath, files: Files, tools: re.Pattern[bytes] | None = None) -> bool:
    """Whether a source opens something by name; with `tools`, only where it names one of them."""
    data = files.start(path, _LARGEST) or b""
    if tools is not None and tools.search(data) is None:
        return False
    return any(word in data for word in _SIGNS) and re.search(_CALL, data) is not None

"""Recognises the Python inside of a program: the libpython that its process maps, or one linked into it.

What is compiled into a libpython (version, PREFIX, whose `site`) stands in its texts; getpath.c is what refers to them.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Literal

from nixpydoctor.embedding import Build
from nixpydoctor.facts import Elf, FsPath, leaf, parent
from nixpydoctor.files import HERE, OPEN_FLAGS, Files
from nixpydoctor.formats.exports import exports
from nixpydoctor.light import dataclass

LIBPYTHON = re.compile(r"libpython3(?:\.(?P<minor>\d+))?(?P<threads>t?)[dm]*\.so(?:\.[\d.]+)?")
"""Sonames of libpython; `libpython3.so` is the stable ABI's, which needs the real one."""

_VERSION = re.compile(rb"\0(3\.\d{1,2})\.\d{1,2}(?:(?:a|b|rc)\d+)?\+?\0")
_FOLDER = re.compile(rb"\0(/[!-~]{0,300})(?=\0)")
_MARKS: tuple[bytes, ...] = (b"PYTHONHOME", b"PYTHONPATH", b"Could not find platform independent libraries")
_BINDINGS: tuple[tuple[bytes, Literal["pyo3", "pybind11"]], ...] = ((b"pyo3", "pyo3"), (b"pybind11", "pybind11"))


@dataclass(frozen=True, slots=True)
class Inside:
    """A Python that is part of a process."""

    needed: str | None
    library: FsPath
    build: Build
    exports: bool
    binding: Literal["pyo3", "pybind11", ""]


def shared(objects: tuple[Elf, ...]) -> tuple[str, Elf] | None:
    """The libpython among mapped objects, with its soname; the one with a version before the stable ABI's."""
    found = [(name, obj) for obj in objects[1:] if LIBPYTHON.fullmatch(name := obj.soname or leaf(obj.path))]
    found.sort(key=lambda pair: pair[0].startswith("libpython3.so"))
    return found[0] if found else None


def wanted(program: Elf) -> str | None:
    """The libpython that a program names itself."""
    return next((name for name in program.needed if LIBPYTHON.fullmatch(name)), None)


def inside(program: Elf, mapped: tuple[Elf, ...], files: Files = HERE) -> Inside | None:
    """The Python of a process with these objects, program first; None where it has none that could be recognised."""
    found = shared(mapped)
    binding = binding_of(program.path, files)
    if found is not None:
        soname, library = found
        build = _build(library.path, soname, files)
        return Inside(soname, library.path, build, True, binding) if build is not None else None
    build = _build(program.path, None, files)
    if build is None:
        return None
    return Inside(None, program.path, build, _exports(program.path, files), binding)


def _build(path: FsPath, soname: str | None, files: Files) -> Build | None:
    """What getpath.c was compiled with, read from the object's texts."""
    with _Texts(path, files) as data:
        if data is None or (soname is None and not all(data.find(mark) >= 0 for mark in _MARKS)):
            return None
        named = LIBPYTHON.fullmatch(soname) if soname is not None else None
        version = _VERSION.search(data)
        if named is not None and named["minor"]:
            minor = int(named["minor"])
        elif version is not None:
            minor = int(version[1].split(b".")[1])
        else:
            return None
        threads = "t" if named is not None and named["threads"] else ""
        prefix, platlibdir = _prefix(data, path, f"python3.{minor}{threads}", files)
        debian = data.find(b"dist-packages") >= 0
    return Build((3, minor), prefix, platlibdir=platlibdir, threads=threads, debian=debian)


def _prefix(data: mmap.mmap, path: FsPath, stdlib: str, files: Files) -> tuple[str, str]:
    """PREFIX and PLATLIBDIR: a folder above the library that its texts name, else any with such a stdlib."""
    above = list(_above(files.realpath(path)))
    said = {folder for folder in above if data.find(b"\0%s\0" % os.fsencode(folder)) >= 0}
    named = [folder for folder in above if folder in said]
    named += [folder for folder in dict.fromkeys(_named(data)) if folder not in said]
    for folder in named:
        for lib in ("lib", "lib64"):
            if files.isfile(f"{folder}/{lib}/{stdlib}/os.py"):
                return folder, lib
    return (next(iter(said), ""), "lib")


def _above(path: str) -> Iterator[str]:
    here = parent(parent(path))
    while len(here) > 1:
        yield here
        here = parent(here)


def _named(data: mmap.mmap) -> Iterator[str]:
    for match in _FOLDER.finditer(data):
        folder = os.fsdecode(match[1])
        if folder != "/" and folder == os.path.normpath(f"/{folder.lstrip('/')}"):  # `/.` would lead to /lib
            yield folder


def binding_of(path: FsPath, files: Files = HERE) -> Literal["pyo3", "pybind11", ""]:
    """Which library a program embeds Python with, by its name in the program's texts."""
    with _Texts(path, files) as data:
        for mark, name in _BINDINGS if data is not None else ():
            if data is not None and data.find(mark) >= 0:
                return name
    return ""


def _exports(path: FsPath, files: Files) -> bool:
    """Whether a program offers Python's functions to the extension modules that it opens (ld's --export-dynamic)."""
    try:
        handle = os.open(files.at(path), OPEN_FLAGS)
    except OSError:
        return True
    try:
        size = os.fstat(handle).st_size
        return bool(exports(lambda offset, length: os.pread(handle, length, offset), size, "PyModule_Create2"))
    finally:
        os.close(handle)


class _Texts:
    """A file's bytes, mapped; None where it cannot be."""

    def __init__(self, path: FsPath, files: Files) -> None:
        self._path = path
        self._files = files
        self._data: mmap.mmap | None = None

    def __enter__(self) -> mmap.mmap | None:
        with suppress(OSError, ValueError), open(self._files.at(self._path), "rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return self._data

    def __exit__(self, *_: object) -> None:
        if self._data is not None:
            self._data.close()

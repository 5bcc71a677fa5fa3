"""Recognises the Python inside of a program: the libpython that its process maps, or one linked into it.

What is compiled into a libpython (version, PREFIX, whose `site`) stands in its texts; getpath.c is what refers to them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Literal

from nixpydoctor.disk import Disk
from nixpydoctor.embedding import Build
from nixpydoctor.facts import Elf, FsPath, Loader, Process, leaf, parent
from nixpydoctor.files import HERE, Files
from nixpydoctor.formats.exports import exports
from nixpydoctor.landmarks import NAMES
from nixpydoctor.light import dataclass
from nixpydoctor.loader import start
from nixpydoctor.probes.texts import Texts
from nixpydoctor.target import UsageError

LIBPYTHON = re.compile(r"libpython3(?:\.(?P<minor>\d+))?(?P<threads>t?)[dm]*\.so(?:\.[\d.]+)?")
"""Sonames of libpython; `libpython3.so` is the stable ABI's, which needs the real one."""

_SUFFIX = re.compile(rb"\.cpython-3(\d{1,2})(t?)[dm]*-[\w-]+\.so\0")
"""What the names of extension modules end in (PEP 3149): compiled into whatever can open some."""
_FOLDER = re.compile(rb"\0(/[!-~]{0,300})(?=\0)")
_MARKS: tuple[bytes, ...] = (b"PYTHONHOME", b"PYTHONPATH", b"Could not find platform independent libraries")
_ENOUGH = 16 << 20
"""Bytes in which a binding's name stands again and again, if anywhere: only advice depends on it."""
_BINDINGS: Mapping[bytes, Literal["pyo3", "pybind11"]] = {b"pyo3": "pyo3", b"pybind11": "pybind11"}


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


def uses_python(obj: Elf) -> bool:
    """Whether an object that is no libpython takes functions of one."""
    return wanted(obj) is not None and not LIBPYTHON.fullmatch(obj.soname or leaf(obj.path))


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


def must_be_python(
    command: FsPath, program: Elf, loader: Callable[[FsPath], Loader | None], disk: Disk, files: Files = HERE
) -> None:
    """Raises `UsageError` for a program that has nothing of Python, by name or inside.

    `loader` tells what stands at an interp.
    """
    if leaf(command).startswith(NAMES) or leaf(program.path).startswith(NAMES):
        return
    interp = FsPath(program.interp) if program.interp is not None else None
    found = loader(interp) if interp is not None else None
    mapped = start(Process(program.path, interp, found, {}), disk).objects if found is not None else (program,)
    if inside(program, mapped, files) is None:
        raise UsageError(f"{command} is no Python: it gave no answer, and nothing in it is Python's.")


def _build(path: FsPath, soname: str | None, files: Files) -> Build | None:
    """What getpath.c was compiled with, read from the object's texts."""
    with Texts(path, files) as texts:
        if not texts or (soname is None and not all(map(texts.has, _MARKS))):
            return None
        named = LIBPYTHON.fullmatch(soname) if soname is not None else None
        if named is not None and named["minor"]:
            minor, threads = named["minor"], named["threads"]
        else:
            suffix = texts.first(_SUFFIX)
            if suffix is None:
                return None
            minor, threads = suffix[1].decode(), suffix[2].decode()
        prefix, platlibdir = _prefix(texts, path, f"python3.{minor}{threads}", files)
        debian = texts.has(b"dist-packages")
    return Build((3, int(minor)), prefix, platlibdir=platlibdir, threads=threads, debian=debian)


def _prefix(texts: Texts, path: FsPath, stdlib: str, files: Files) -> tuple[str, str]:
    """PREFIX and PLATLIBDIR: a folder above the library that its texts name, else any with such a stdlib."""
    above = list(_above(files.realpath(path)))
    named = (folder for folder in above if _lib(folder, stdlib, files) and texts.has(_whole(folder)))
    for folder in chain(named, _named(texts)):
        if (lib := _lib(folder, stdlib, files)) is not None:
            return folder, lib
    return next((folder for folder in above if texts.has(_whole(folder))), ""), "lib"


def _whole(folder: str) -> bytes:
    """A folder as a text of its own."""
    return b"\0%s\0" % os.fsencode(folder)


def _lib(prefix: str, stdlib: str, files: Files) -> str | None:
    """Where below a prefix the standard library is; None where it is not."""
    return next((lib for lib in ("lib", "lib64") if files.isfile(f"{prefix}/{lib}/{stdlib}/os.py")), None)


def _above(path: str) -> Iterator[str]:
    here = parent(parent(path))
    while len(here) > 1:
        yield here
        here = parent(here)


def _named(texts: Texts) -> Iterator[str]:
    """Each folder that the texts name, once."""
    seen: set[bytes] = set()
    for match in texts.each(_FOLDER):
        if match[1] in seen:
            continue
        seen.add(match[1])
        folder = os.fsdecode(match[1])
        if folder != "/" and folder == os.path.normpath(f"/{folder.lstrip('/')}"):  # `/.` would lead to /lib
            yield folder


def binding_of(path: FsPath, files: Files = HERE) -> Literal["pyo3", "pybind11", ""]:
    """Which library a program embeds Python with, by its name in the program's texts."""
    with Texts(path, files) as texts:
        found = texts.any(*_BINDINGS, most=_ENOUGH)
        return _BINDINGS[found] if found is not None else ""


def _exports(path: FsPath, files: Files) -> bool:
    """Whether a program offers Python's functions to the extension modules that it opens (ld's --export-dynamic)."""
    offered = files.ask(path, lambda read, size: bool(exports(read, size, "PyModule_Create2")))
    return offered is not False

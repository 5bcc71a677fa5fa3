"""Builds programs that embed Python in every way that is usual, against every kind of Python; the cache keeps them.

PyO3 programs are made by `hosts`. A static Python comes from the build that the store's Pythons are copies of: those of
Nix are linked with its archive, and with the store's C library.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.hosts import CRATE, NOW, links, pyo3
from lab.machine import LabError, Machine, cache, environment
from lab.store import Store
from lab.wheels import uv

PYBIND11 = "pybind11==3.1.0"
KINDS = ("c", "c-config", "c-isolated", "c-named", "c-static", "pybind11", "pybind11-static", "pyo3", "pyo3-now")

_PLAIN = """
int PyRun_SimpleString(const char *text);
void Py_Initialize(void);
int main(void) { Py_Initialize(); return PyRun_SimpleString(%(says)s) < 0; }
"""
_CONFIG = """
#include <Python.h>
int main(int argc, char **argv) {
    PyConfig config;
    PyConfig_Init%(config)sConfig(&config);
    %(named)s
    Py_InitializeFromConfig(&config);
    return PyRun_SimpleString(%(says)s) < 0;
}
"""
_PYBIND11 = """
#include <pybind11/embed.h>
int main() { pybind11::scoped_interpreter guard; pybind11::exec(%(says)s); }
"""
_ASK = (
    "import json, sysconfig; say = sysconfig.get_config_var; print(json.dumps([sysconfig.get_path('include'), "
    "say('LIBDIR') + '/' + say('INSTSONAME'), say('LIBPL') + '/' + say('LIBRARY')]))"
)


@dataclass(frozen=True, slots=True)
class Embeddable:
    """A Python that programs are linked with."""

    python: Path
    library: Path | None = None
    """Its libpython; None for the one that its build variables name."""
    archive: Path | None = None
    """A Python whose static library is taken; None for its own."""
    links: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    """Libraries that modules in its archive need."""


def embeddables(store: Store, machine: Machine, env: Path) -> dict[str, Embeddable]:
    """The distribution's, a version manager's, a bare one of Nix, and an environment (`env`) of Nix."""
    own = machine.pythons["3.12"].prefix
    bare = store["nixPython312"]
    more = (f"-Wl,-rpath,{store['gccLib']}/lib",)
    (library,) = bare.glob("lib/libpython3.*.so.1.0")
    return {
        "debian": Embeddable(Path("/usr/bin/python3"), parts=("-lexpat", "-lz")),
        "pyenv": Embeddable(own / "bin/python3.12", links=(f"-Wl,-rpath,{own}/lib",)),
        "nix": Embeddable(bare / "bin/python3.12", library, own / "bin/python3.12",
                          (*links(store, bare, store["glibc"]), *more)),
        "withPackages": Embeddable(env / "bin/python3.12", env / "lib" / library.name, own / "bin/python3.12",
                                   (*links(store, env, store["glibc"]), *more)),
    }  # fmt: skip


def embedder(store: Store, kind: str, inside: Embeddable, says: str) -> Path:
    """A program of this kind that runs `says`; one with PyO3 runs the file that it is given."""
    if kind.startswith("pyo3"):
        return pyo3(inside.python, inside.links, NOW if kind.endswith("now") else CRATE)
    named = "PyConfig_SetBytesArgv(&config, argc, argv);" if kind == "c-named" else "(void)argc; (void)argv;"
    config = "Isolated" if kind == "c-isolated" else "Python"
    shape = _PYBIND11 if kind.startswith("pybind11") else _PLAIN if kind in ("c", "c-static") else _CONFIG
    source = shape % {"says": json.dumps(says), "config": config, "named": named}
    include, library, archive = _told(inside.python)
    words = [f"-I{include}", *inside.links]
    if kind.endswith("static"):
        archive = _told(inside.archive)[2] if inside.archive is not None else archive
        words += ["-no-pie", "-rdynamic", archive, *inside.parts, "-lm", "-ldl"]
    else:
        words.append(str(inside.library or library))
    if kind.startswith("pybind11"):
        words.append(f"-I{_pybind11(store)}")
    return _compiled(source, words, "g++" if kind.startswith("pybind11") else "gcc")


def _told(python: Path) -> list[str]:
    child = subprocess.run([python, "-I", "-c", _ASK], capture_output=True, text=True, env=environment(), check=True)
    told: list[str] = json.loads(child.stdout)
    return told


def _pybind11(store: Store) -> Path:
    """The folder of its headers, which a wheel brings."""
    folder = cache() / PYBIND11
    if not folder.exists():
        fresh = cache() / f"tmp-{PYBIND11}"
        uv(store, "pip", "install", "-q", "--target", fresh, "--no-deps", PYBIND11).check_returncode()
        fresh.rename(folder)
    return folder / "pybind11" / "include"


def _compiled(source: str, words: Sequence[str], compiler: str) -> Path:
    key = hashlib.sha256("\0".join([source, compiler, *words]).encode()).hexdigest()[:12]
    made = cache() / "hosts" / key / "host"
    if made.exists():
        return made
    fresh = cache() / "hosts" / f"tmp-{key}"
    fresh.mkdir(parents=True, exist_ok=True)
    file = fresh / ("host.cc" if compiler == "g++" else "host.c")
    file.write_text(source)
    child = subprocess.run(
        [compiler, "-O1", "-o", fresh / "host", file, *words],
        capture_output=True, text=True, env=environment(), check=False,
    )  # fmt: skip
    if child.returncode != 0:
        raise LabError(f"a program that embeds Python could not be compiled:\n{child.stderr[-2000:]}")
    shutil.rmtree(made.parent, ignore_errors=True)
    fresh.rename(made.parent)
    return made

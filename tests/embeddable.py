"""The shared libpythons of this machine, and a program that embeds one: the judge of what embedding does."""

from __future__ import annotations

import json
import mmap
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nixpydoctor.embedding import Build

HOST = r"""
int PyRun_SimpleString(const char *text);
void Py_Initialize(void);
int Py_FinalizeEx(void);
int main(void) {
    Py_Initialize();
    PyRun_SimpleString("import json, sys\n"
        "print(json.dumps([sys.executable, sys.prefix, sys.exec_prefix, sys.base_prefix, sys.path]))");
    return Py_FinalizeEx() < 0;
}
"""
CONFIGURED = r"""
#include <Python.h>
int main(int argc, char **argv) {
    PyConfig config;
    PyConfig_Init%(kind)sConfig(&config);
    if (%(named)d) PyConfig_SetBytesArgv(&config, argc, argv);
    Py_InitializeFromConfig(&config);
    PyRun_SimpleString("import json, sys\n"
        "print(json.dumps([sys.executable, sys.prefix, sys.exec_prefix, sys.base_prefix, sys.path]))");
    return Py_FinalizeEx() < 0;
}
"""
"""The same through PyConfig (PEP 587), without or with the arguments of the program."""
ASK = """
import json, sys, sysconfig
say = sysconfig.get_config_var
print(json.dumps([list(sys.version_info[:2]), sys.base_prefix, say("LIBDIR"), say("LDLIBRARY"), say("LDVERSION")]))
"""


class Embeddable(NamedTuple):
    """A Python with a shared library."""

    python: Path
    build: Build
    library: Path


def pythons() -> Iterator[Path]:
    """The Python that runs this, the distribution's, and those that pyenv has."""
    yield Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    yield Path("/usr/bin/python3")
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(root.glob("versions/3.*/bin/python3"))


def embeddable() -> list[Embeddable]:
    found: dict[Path, Embeddable] = {}
    for python in pythons():
        if not python.exists():
            continue
        told = subprocess.run([python, "-I", "-S", "-c", ASK], capture_output=True, text=True, check=False).stdout
        if not told:
            continue
        version, prefix, folder, name, _ = json.loads(told)
        library = Path(folder or "", name or "")
        for path in (library, Path(f"{library}.1.0")):
            if path.name.startswith("libpython") and ".so" in path.name and path.is_file() and version >= [3, 8]:
                real = path.resolve()
                with real.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    debian = data.find(b"dist-packages") >= 0
                build = Build((version[0], version[1]), prefix, debian=debian)
                found.setdefault(real, Embeddable(python, build, real))
    return list(found.values())


EMBEDDABLE = embeddable()
IN_CI = bool(os.environ.get("CI"))

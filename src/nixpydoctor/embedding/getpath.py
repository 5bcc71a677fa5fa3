"""Computes executable, prefixes and the first half of sys.path of an embedded Python, from files and variables alone.

Since 3.11 the rules are Modules/getpath.py's, before that Modules/getpath.c's; where the two differ it is said. What a
Linux libpython does is modelled: there the path of libpython itself plays no part, the first `python3` on PATH does.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Literal

from nixpydoctor.embedding.files import Files
from nixpydoctor.light import NamedTuple


class Build(NamedTuple):
    """What is compiled into a libpython."""

    version: tuple[int, int]
    prefix: str
    """PREFIX of the configure run: where the standard library is if nothing else leads to one."""
    exec_prefix: str = ""
    """EXEC_PREFIX, where it is another folder."""
    platlibdir: str = "lib"
    threads: str = ""
    """`t` for a free-threaded build."""
    debian: bool = False
    """Whether the `site` that is frozen into it (3.11 and newer) is Debian's, which knows `dist-packages`."""

    @property
    def stdlib(self) -> str:
        """`lib/python3.12`: the standard library below its prefix."""
        major, minor = self.version
        return f"{self.platlibdir}/python{major}.{minor}{self.threads}"

    @property
    def archive(self) -> str:
        """`lib/python312.zip`."""
        major, minor = self.version
        return f"{self.platlibdir}/python{major}{minor}{self.threads}.zip"


class Surroundings(NamedTuple):
    """What the host process starts in."""

    env: Mapping[str, str]
    cwd: str
    home: str
    """The user's home folder: where the user site is looked for."""


class Start(NamedTuple):
    """How the host initialises Python, where that is known."""

    isolated: bool = False
    """PyConfig_InitIsolatedConfig: no PYTHON variables, no user site."""
    program_name: str = ""
    """PyConfig.program_name or Py_SetProgramName; without it, `python3` (`python` up to 3.7)."""
    home: str = ""
    """PyConfig.home or Py_SetPythonHome."""
    executable: str = ""
    """PyConfig.executable."""
    adds: tuple[Literal["first", "last"], str] | None = None
    """A folder that it puts into sys.path as soon as Python runs, and at which end (pybind11 does)."""


class Paths(NamedTuple):
    """What getpath computes, before `site` runs."""

    executable: str
    """`sys.executable`; empty where no python3 is on PATH."""
    prefix: str
    exec_prefix: str
    path: tuple[str, ...]
    venv: str | None = None
    """The folder with pyvenv.cfg, where one was met."""
    found: bool = True
    """False where no standard library was found below the prefix: such a Python dies while it starts."""


def compute(build: Build, start: Start, around: Surroundings, files: Files) -> Paths:
    """Follow getpath's steps for this build and these surroundings."""
    env = {} if start.isolated else around.env
    executable = _executable(build, start, around, files)
    whole = _absolute(executable, around.cwd) if executable else ""
    folder = posixpath.dirname(whole) if whole else around.cwd
    home = start.home or env.get("PYTHONHOME", "")
    venv = None
    if not home:
        venv, base = _venv(folder, files)
        folder = base or (_real_folder(build, whole, around, files) if whole else folder)
    pth = None if start.home else _pth(build, whole, files)
    if pth is not None:
        return _isolated_by_file(executable, pth)
    prefix, _, exec_prefix = home.partition(":")
    exec_prefix = exec_prefix or prefix
    if not home:
        prefix = next((at for at in _upwards(folder) if _holds_stdlib(build, at, files)), "") or build.prefix
        dynload = f"{build.stdlib}/lib-dynload"
        exec_prefix = next((at for at in _upwards(folder) if files.is_dir(f"{at}/{dynload}")), "")
        exec_prefix = exec_prefix or build.exec_prefix or build.prefix
    given = env.get("PYTHONPATH", "")
    path = [_absolute(part, around.cwd) for part in given.split(":")] if given else []
    path += [
        _join(prefix, build.archive),
        _join(prefix, build.stdlib),
        _join(exec_prefix, f"{build.stdlib}/lib-dynload"),
    ]
    found = any(files.is_file(_join(prefix, f"{build.stdlib}/{name}")) for name in ("os.py", "os.pyc"))
    return Paths(executable, prefix, exec_prefix, tuple(path), venv, found)


def _executable(build: Build, start: Start, around: Surroundings, files: Files) -> str:
    """`sys.executable`, before anything of it is resolved."""
    if build.version >= (3, 11) and (told := around.env.get("PYTHONEXECUTABLE")):
        return told
    if start.executable:
        return start.executable
    name = start.program_name or "python3"
    if "/" in name:
        return _absolute(name, around.cwd)
    for folder in around.env.get("PATH", "").split(":"):
        candidate = _join(folder, name)
        whole = _absolute(candidate, around.cwd)
        if files.is_file(whole):
            return candidate if build.version >= (3, 11) else whole
    return ""


def _real_folder(build: Build, executable: str, around: Surroundings, files: Files) -> str:
    """Where the search for landmarks begins: beside the real file.

    PYTHONEXECUTABLE names `sys.executable` and moves the search to its own folder, unresolved.
    """
    if build.version >= (3, 11) and around.env.get("PYTHONEXECUTABLE"):
        return posixpath.dirname(executable)
    return posixpath.dirname(files.real(executable))


def _venv(folder: str, files: Files) -> tuple[str | None, str]:
    """The venv around `folder`, and the folder that its pyvenv.cfg calls home."""
    for root in (posixpath.dirname(folder), folder):
        lines = files.lines(_join(root, "pyvenv.cfg"))
        if lines is None:
            continue
        for line in lines:
            key, sign, value = line.partition("=")
            if sign and key.strip().lower() == "home":
                return root, value.strip()
        return None, ""
    return None, ""


def _pth(build: Build, executable: str, files: Files) -> tuple[str, list[str]] | None:
    """A `._pth` file beside the executable or the real one, which decides everything (3.11 and newer)."""
    if build.version < (3, 11) or not executable:
        return None
    for beside in (executable, files.real(executable)):
        lines = files.lines(f"{beside}._pth")
        if lines is not None:
            return posixpath.dirname(beside), lines
    return None


def _isolated_by_file(executable: str, pth: tuple[str, list[str]]) -> Paths:
    folder, lines = pth
    said = [line.partition("#")[0].strip() for line in lines]
    path = [_absolute(line, folder) for line in said if line and not line.startswith("import ")]
    return Paths(executable, folder, folder, tuple(path))


def _holds_stdlib(build: Build, prefix: str, files: Files) -> bool:
    if build.version >= (3, 11) and files.is_file(_join(prefix, build.archive)):
        return True
    return any(files.is_file(_join(prefix, f"{build.stdlib}/{name}")) for name in ("os.py", "os.pyc"))


def _upwards(folder: str) -> Iterator[str]:
    """The folder and all above it, the root left out: getpath never looks there."""
    while folder.strip("/"):
        yield folder
        folder = posixpath.dirname(folder)


def _absolute(path: str, cwd: str) -> str:
    """The path below the working folder unless it is absolute; an empty one is the working folder itself."""
    return path if path.startswith("/") else _join(cwd, path) if path else cwd


def _join(folder: str, name: str) -> str:
    if not folder:
        return name
    return f"{folder}{name}" if folder.endswith("/") else f"{folder}/{name}"

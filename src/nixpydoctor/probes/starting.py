"""Tells how a program initialises the Python inside of it, by the functions that it takes from libpython and its texts.

The functions are those of "Python Initialization Configuration" (PEP 587) and of the older interface beside it. What a
program hands to them is its code's business: where that decides, the function is told and nothing is predicted from it.
"""

from __future__ import annotations

from struct import error
from typing import Literal

from nixpydoctor.embedding import Start
from nixpydoctor.facts import Elf, FsPath
from nixpydoctor.files import Files
from nixpydoctor.formats.headers import RefusedError
from nixpydoctor.formats.symbols import Symbols
from nixpydoctor.light import dataclass
from nixpydoctor.probes.texts import Texts

_ISOLATED = "PyConfig_InitIsolatedConfig"
_PLAIN = frozenset({"Py_Initialize", "Py_InitializeEx", "PyConfig_InitPythonConfig"})
_ARGUMENTS = frozenset({"PyConfig_SetBytesArgv", "PyConfig_SetArgv", "Py_BytesMain", "Py_Main"})
"""Whoever hands over its arguments hands over its own name, which then stands for `python3` (PyConfig.program_name)."""
_SETTERS = (
    "Py_SetPath", "Py_SetPythonHome", "Py_SetProgramName", "PyConfig_SetString", "PyConfig_SetBytesString",
    "PyWideStringList_Append", "PyWideStringList_Insert",
)  # fmt: skip
_ADDED: tuple[tuple[bytes, Literal["first", "last"]], ...] = (
    (b"sys.path.insert(0, os.path.abspath(os.path.dirname(sys.argv[0]))", "first"),
    (b"sys.path.append(os.path.abspath(os.path.dirname(sys.argv[0]))", "last"),
)
"""What pybind11's initialize_interpreter runs: the program's folder, or the current one where it has no arguments."""


@dataclass(frozen=True, slots=True)
class Starting:
    """How a program initialises Python."""

    start: Start
    sets: tuple[str, ...]
    """Functions that it calls to set home, name or path, with what nobody can tell."""


def starting(command: FsPath, takers: tuple[Elf, ...], binding: str, cwd: str, files: Files) -> Starting:
    """The way of the program that is called `command`; `takers` are it and those of its libraries that use Python."""
    taken = frozenset[str]().union(*(_taken(one.path, files) for one in takers))
    isolated = _ISOLATED in taken and not _PLAIN & taken
    named = command if _ARGUMENTS & taken and binding != "pybind11" else ""
    end = _added(takers[0].path, files) if binding == "pybind11" else None
    start = Start(isolated, named, adds=(end, cwd) if end is not None else None)
    return Starting(start, tuple(name for name in _SETTERS if name in taken))


def _taken(path: FsPath, files: Files) -> frozenset[str]:
    """Functions of Python that an object takes from others."""
    try:
        names = files.ask(path, lambda read, size: Symbols(read, size).wanted(every=True))
    except (RefusedError, error):
        return frozenset()
    return frozenset(name.decode("ascii", "replace") for name in names or () if name.startswith(b"Py"))


def _added(path: FsPath, files: Files) -> Literal["first", "last"] | None:
    with Texts(path, files) as texts:
        return next((end for text, end in _ADDED if texts.has(text)), None)

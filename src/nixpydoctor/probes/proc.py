"""Reads a process from /proc (proc(5)), where psutil is not installed: in the one-file tool, on Linux.

What `probes.running` takes from psutil, with the same outcomes as exceptions of Python's own.
"""

from __future__ import annotations

import os

from nixpydoctor.light import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """What the kernel says about a process."""

    executable: str
    """Empty for a part of the kernel."""
    env: dict[str, str]
    cwd: str
    words: list[str]
    mapped: list[str]
    """Paths of what is mapped, each once; ` (deleted)` behind those that are gone."""


def read(pid: int) -> Told:
    """What stands in the folder of a process.

    Raises `FileNotFoundError` where there is none, `PermissionError` for somebody else's, and `ChildProcessError` for
    one that has ended, and whose exit status nobody has asked for.
    """
    folder = f"/proc/{pid}"
    os.stat(folder)
    if _state(folder) == "Z":
        raise ChildProcessError(pid)
    try:
        executable = os.readlink(f"{folder}/exe")
    except FileNotFoundError:
        os.stat(folder)
        executable = ""
    env = dict(entry.split("=", 1) for entry in _parts(f"{folder}/environ") if "=" in entry)
    return Told(executable, env, os.readlink(f"{folder}/cwd"), _parts(f"{folder}/cmdline"), _mapped(f"{folder}/maps"))


def owner(pid: int) -> str:
    """The login name of who started it, or the number. Raises `OSError`."""
    return login(os.stat(f"/proc/{pid}").st_uid)


def login(number: int) -> str:
    """The login name of a user; the number itself where nobody has one for it."""
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _state(folder: str) -> str:
    """`R`, `S`, `Z` …: what follows the program's name, which may hold anything."""
    with open(f"{folder}/stat", "rb") as file:
        return file.read().rpartition(b") ")[2][:1].decode()


def _parts(path: str) -> list[str]:
    with open(path, "rb") as file:
        return [os.fsdecode(part) for part in file.read().split(b"\0") if part]


def _mapped(path: str) -> list[str]:
    """The last column of each line that has one."""
    with open(path, "rb") as file:
        rows = [line.split(None, 5) for line in file.read().splitlines()]
    return list(dict.fromkeys(os.fsdecode(row[5]).replace("\\012", "\n") for row in rows if len(row) == 6))

"""Looks at processes below one of ours while they run: which Python is there, and with which variables it started.

Linux only (`proc(5)`); elsewhere nobody is seen, and the traceback's paths have to do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress

from nixpydoctor.light import dataclass

_MOST = 256
"""Processes that are looked at."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A Python that ran."""

    command: str
    """The path by which it was called, links unresolved."""
    environ: Mapping[str, str]
    """As it was when it started: what its loader saw."""


def python_below(pid: int) -> Seen | None:
    """The Python at or below a process, the one that started last."""
    found = None
    for number in _below(pid):
        found = _look(number) or found
    return found


def _below(pid: int) -> Iterator[int]:
    waiting = [pid]
    for _ in range(_MOST):
        if not waiting:
            return
        number = waiting.pop(0)
        yield number
        with suppress(OSError, ValueError):
            for task in os.listdir(f"/proc/{number}/task"):
                waiting += map(int, _read(f"/proc/{number}/task/{task}/children").split())


def _look(pid: int) -> Seen | None:
    try:
        program = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
        if not program.startswith(("python", "pypy")):
            return None
        words = _read(f"/proc/{pid}/cmdline").split(b"\0")
        pairs = (os.fsdecode(pair).partition("=") for pair in _read(f"/proc/{pid}/environ").split(b"\0") if pair)
        environ = {name: value for name, _, value in pairs}
        folder = os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return None
    return Seen(_called(os.fsdecode(words[0]), environ, folder, pid), environ)


def _called(word: str, environ: Mapping[str, str], folder: str, pid: int) -> str:
    if "/" in word:
        return os.path.normpath(os.path.join(folder, word))
    for place in environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, place, word)
        if word and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return os.readlink(f"/proc/{pid}/exe")


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()

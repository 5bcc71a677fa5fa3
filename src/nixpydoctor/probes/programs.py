"""Finds the object that runs when the user calls a program by its name.

A name is looked up on PATH as execvp(3) does it. Links and wrappers are followed, and a script stands for the program
that its first line names (execve(2)). Nothing is started.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from nixpydoctor.facts import FsPath
from nixpydoctor.files import HERE, Files
from nixpydoctor.probes.wrappers import follow

_LINE = 256
"""Bytes of a `#!` line that the kernel reads (BINPRM_BUF_SIZE)."""
_HOPS = 4
"""As many scripts in a row as the kernel runs through."""
_OTHER_RIGHTS = stat.S_ISUID | stat.S_ISGID


def find_program(name: str, environ: Mapping[str, str], files: Files = HERE) -> FsPath | None:
    """The object behind `name`.

    None where there is none, where it cannot be told, and where it would get other rights than the user's: then its
    loader ignores the user's variables (AT_SECURE, ld.so(8)).
    """
    for _ in range(_HOPS):
        command = _on_path(name, environ, files)
        if command is None:
            return None
        program = follow(command, environ, files).executable
        head = _head(program, files)
        if head.startswith(b"\x7fELF"):
            return program
        name = _named(head) or ""
    return None


def _on_path(name: str, environ: Mapping[str, str], files: Files) -> str | None:
    """The first executable file of that name; a path is taken as it is."""
    if "/" in name:
        return name
    for folder in environ.get("PATH", "").split(":"):
        path = f"{folder}/{name}"
        if name and folder.startswith("/") and files.runs(path):
            return path
    return None


def _head(path: str, files: Files) -> bytes:
    try:
        here = files.at(path)
        status = os.stat(here)
        if not stat.S_ISREG(status.st_mode) or status.st_mode & _OTHER_RIGHTS:
            return b""
        with open(here, "rb") as file:
            return file.read(_LINE)
    except OSError:
        return b""


def _named(head: bytes) -> str | None:
    """The program of a `#!` line; what env(1) would look up, where it names that."""
    if not head.startswith(b"#!"):
        return None
    words = head[2:].partition(b"\n")[0].decode("utf-8", "surrogateescape").split()
    if not words:
        return None
    if os.path.basename(words[0]) == "env":
        rest = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        return rest[0] if rest else None
    return words[0]

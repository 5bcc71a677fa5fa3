"""Reads what a venv's bin folder names: the Python that each script starts, the folder that is activated."""

from __future__ import annotations

import os
import re

from nixpydoctor.facts import FsPath, parent
from nixpydoctor.files import HERE, Files
from nixpydoctor.formats.shebang import program

MAX_SCRIPTS = 1000
_HEAD = 1024
"""Bytes: more than any kernel reads of a first line."""
_ACTIVATE = 1 << 14
_SAYS = re.compile(rb"^\s*(?:export )?VIRTUAL_ENV=(['\"]?)(/[^'\"\n]*?)\1\s*$", re.M)


def read_scripts(root: str, files: Files = HERE) -> dict[FsPath, str]:
    """The first lines of each script in the venv's bin folder, in the order of their names."""
    try:
        with os.scandir(files.at(f"{root}/bin")) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
    except OSError:
        return {}
    paths = (FsPath(f"{root}/bin/{name}") for name in names[:MAX_SCRIPTS])
    heads = ((path, _lines(files.start(path, _HEAD) or b"")) for path in paths)
    return {path: head for path, head in heads if head}


def _lines(data: bytes) -> str:
    if not data.startswith(b"#!"):
        return ""
    first, _, rest = data.partition(b"\n")
    second = rest.partition(b"\n")[0]
    kept = b"\n".join((first, second)) if second.startswith(b"'''exec' ") else first
    return kept.decode("utf-8", "surrogateescape")


def read_activate(root: str, files: Files = HERE) -> FsPath | None:
    """The folder that `bin/activate` names."""
    said = _SAYS.search(files.start(f"{root}/bin/activate", _ACTIVATE) or b"")
    return FsPath(said[2].decode("utf-8", "surrogateescape")) if said is not None else None


def aliases(root: str, activates: FsPath | None, scripts: dict[FsPath, str], files: Files = HERE) -> tuple[FsPath, ...]:
    """Those folders among the named ones that are the venv itself by another name."""
    named = {activates} if activates is not None else set()
    for head in scripts.values():
        path = program(head)
        if path is not None and parent(path).endswith("/bin"):
            named.add(parent(parent(path)))
    return tuple(sorted(folder for folder in named if folder != root and _same(folder, root, files)))


def _same(one: str, other: str, files: Files) -> bool:
    try:
        return os.path.samefile(files.at(one), files.at(other))
    except (OSError, ValueError):
        return False

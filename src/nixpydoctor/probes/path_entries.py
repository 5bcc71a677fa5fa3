"""Tells who put each element on a Python's `sys.path`, by where it lies and by the variables that name it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from nixpydoctor.facts import FsPath, PathEntry, Provider, in_store
from nixpydoctor.files import HERE, Files

_ZIP = re.compile(r"/(?:python|pypy)3\d*t?\.zip\Z")
"""Where the standard library begins on sys.path: what stands before it comes from PYTHONPATH."""
_TOGETHER = r"-(?:env|environment|profile|path)\Z"
"""The end of a store path's name where Nix put packages together."""
HOOK = ".__path_hook__"
"""The end of an entry that is no folder: setuptools' finder of an editable install answers to it."""


def named(env: Mapping[str, str], cwd: str) -> Mapping[str, tuple[str, ...]]:
    """The folders that each variable puts on sys.path, absolute. An empty element is the current folder."""
    return {
        name: tuple(os.path.normpath(os.path.join(cwd, part)) for part in env[name].split(os.pathsep))
        for name in ("PYTHONPATH", "NIX_PYTHONPATH")
        if env.get(name)
    }


def entries(
    path: list[str] | tuple[str, ...],
    venv_root: FsPath | None,
    user_site: str | None,
    base_prefix: str,
    variables: Mapping[str, tuple[str, ...]],
    files: Files = HERE,
) -> tuple[PathEntry, ...]:
    """The elements of a `sys.path`, each with whoever put it there."""
    conda = files.isdir(f"{base_prefix}/conda-meta")
    begin = next((index for index, entry in enumerate(path) if _ZIP.search(entry)), len(path))
    made = []
    for index, entry in enumerate(path):
        by = ""
        if index < begin and entry in variables.get("PYTHONPATH", ()):
            by = "PYTHONPATH"
        elif index > begin and entry in variables.get("NIX_PYTHONPATH", ()):
            by = "NIX_PYTHONPATH"
        whose = provider(entry, venv_root, user_site, base_prefix, conda, files)
        made.append(PathEntry(FsPath(entry), whose, by, _in_archive(entry, files)))
    return tuple(made)


def _in_archive(path: str, files: Files) -> bool:
    """Whether the nearest thing that exists on the way up is a file."""
    while path.startswith("/") and not files.exists(path):
        path = os.path.dirname(path)
    return files.isfile(path)


def provider(
    path: str, venv_root: str | None, user_site: str | None, base_prefix: str, conda: bool, files: Files = HERE
) -> Provider:
    """Who put a folder on sys.path, told by where it lies."""
    if venv_root is not None and _below(path, venv_root):
        return "venv"
    if path.endswith(HOOK):
        return "hook"
    stored = path if in_store(path) else files.realpath(path)
    if in_store(stored):
        return "nix-env" if re.search(_TOGETHER, stored.split("/")[3]) else "nix"
    if user_site is not None and _below(path, user_site):
        return "user"
    if _below(path, "/usr") or _below(path, "/lib"):
        return "system"
    if _below(path, base_prefix):
        return "conda" if conda else "standalone"
    return "project"


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root.rstrip('/')}/")

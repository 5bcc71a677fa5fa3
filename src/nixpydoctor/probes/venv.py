"""Reads what pyvenv.cfg says of a venv, and whether the Python it was made from is still there (PEP 405)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Literal

from nixpydoctor.facts import FsPath, Venv, in_store, store_path
from nixpydoctor.probes.scripts import aliases, read_activate, read_scripts

_LARGEST = 1 << 16
_MAX_LINKS = 40
"""As many as the kernel follows (path_resolution(7))."""


def read_venv(root: FsPath, command: FsPath) -> Venv:
    """The venv at `root`, whose Python is `command`. What cannot be read counts as not said."""
    said = settings(f"{root}/pyvenv.cfg")
    home = FsPath(said["home"]) if said.get("home") else None
    base, exists = _base(command, home)
    scripts, activates = read_scripts(root), read_activate(root)
    return Venv(
        root=root,
        home=home,
        version=_version(said.get("version_info") or said.get("version") or ""),
        creator=_creator(said),
        system_site=said.get("include-system-site-packages", "").lower() == "true",
        base=base,
        base_exists=exists,
        links=_links(command),
        home_exists=home is None or os.path.isdir(home),
        activates=activates,
        aliases=aliases(root, activates, scripts),
        scripts=scripts,
    )


def held(venv: Venv, interp: str | None) -> FsPath | None:
    """The store path without which the venv's Python, if it is there, cannot start: its base's or its home's.

    That of its loader counts as well: somebody may have compiled the Python in a Nix shell.
    """
    if not venv.base_exists or in_store(venv.root):  # a venv that Nix built refers to its Python
        return None
    home = os.path.realpath(venv.home) if venv.home is not None and not venv.links else ""
    return store_path(venv.base or "") or store_path(home) or store_path(interp or "")


def _version(text: str) -> str | None:
    """`3.12.1`, without the `.final.0` that virtualenv adds."""
    match = re.match(r"\d+(?:\.\d+){1,2}", text)
    return match[0] if match is not None else None


def settings(path: str) -> Mapping[str, str]:
    """The `key = value` lines of a pyvenv.cfg, keys in lower case as `site` compares them."""
    if not os.path.isfile(path):  # opening a FIFO would wait for a writer
        return {}
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read(_LARGEST)
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip().lower(): value.strip() for key, sign, value in pairs if sign}


def _base(command: FsPath, home: FsPath | None) -> tuple[FsPath, bool]:
    """What the venv's Python is in the end; a copied one still needs the standard library of its home."""
    real = FsPath(os.path.realpath(command))
    if not os.path.exists(real):
        return real, False
    if home is not None and not os.path.islink(command) and not os.path.isdir(home):
        return home, False
    return real, True


def _links(command: str) -> tuple[FsPath, ...]:
    """Where each link from the command on leads, made absolute and not resolved any further."""
    found: list[FsPath] = []
    while len(found) < _MAX_LINKS:
        try:
            said = os.readlink(command)
        except OSError:
            break
        command = os.path.normpath(os.path.join(os.path.dirname(command), said))
        found.append(FsPath(command))
    return tuple(found)


def _creator(said: Mapping[str, str]) -> Literal["venv", "virtualenv", "uv", "unknown"]:
    """Each tool leaves its own key behind; `venv` itself writes `command` since 3.11 and `version` before."""
    if "uv" in said:
        return "uv"
    if "virtualenv" in said:
        return "virtualenv"
    return "venv" if "version" in said else "unknown"

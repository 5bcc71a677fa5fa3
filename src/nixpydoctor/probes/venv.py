"""Reads what pyvenv.cfg says of a venv, and whether the Python it was made from is still there (PEP 405)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from nixpydoctor.facts import FsPath, Venv, in_store, store_path
from nixpydoctor.files import HERE, MAX_LINKS, Files
from nixpydoctor.light import replace
from nixpydoctor.probes.scripts import aliases, read_activate, read_scripts

if TYPE_CHECKING:
    from nixpydoctor.probes.roots import Roots

_LARGEST = 1 << 16


def read_venv(root: FsPath, command: FsPath, files: Files = HERE) -> Venv:
    """The venv at `root`, whose Python is `command`. What cannot be read counts as not said."""
    said = settings(f"{root}/pyvenv.cfg", files)
    home = FsPath(said["home"]) if said.get("home") else None
    base, exists = _base(command, home, files)
    scripts, activates = read_scripts(root, files), read_activate(root, files)
    return Venv(
        root=root,
        home=home,
        version=_version(said.get("version_info") or said.get("version") or ""),
        creator=_creator(said),
        system_site=said.get("include-system-site-packages", "").lower() == "true",
        base=base,
        base_exists=exists,
        links=_links(command, files),
        home_exists=home is None or files.isdir(home),
        activates=activates,
        aliases=aliases(root, activates, scripts, files),
        scripts=scripts,
    )


def rooted(venv: Venv | None, roots: Roots | None) -> Venv | None:
    """The venv with what keeps its Python, as far as there is anything to keep."""
    if venv is None or roots is None:
        return venv
    return replace(venv, held=roots.path, roots=roots.collect(), hidden_roots=roots.hidden)


def held(venv: Venv, interp: str | None, files: Files = HERE) -> FsPath | None:
    """The store path without which the venv's Python, if it is there, cannot start: its base's or its home's.

    That of its loader counts as well: somebody may have compiled the Python in a Nix shell.
    """
    if not venv.base_exists or in_store(venv.root):  # a venv that Nix built refers to its Python
        return None
    home = files.realpath(venv.home) if venv.home is not None and not venv.links else ""
    return store_path(venv.base or "") or store_path(home) or store_path(interp or "")


def _version(text: str) -> str | None:
    """`3.12.1`, without the `.final.0` that virtualenv adds."""
    match = re.match(r"\d+(?:\.\d+){1,2}", text)
    return match[0] if match is not None else None


def settings(path: str, files: Files = HERE) -> Mapping[str, str]:
    """The `key = value` lines of a pyvenv.cfg, keys in lower case as `site` compares them."""
    pairs = (line.partition("=") for line in (files.text(path, _LARGEST) or "").splitlines())
    return {key.strip().lower(): value.strip() for key, sign, value in pairs if sign}


def _base(command: FsPath, home: FsPath | None, files: Files) -> tuple[FsPath, bool]:
    """What the venv's Python is in the end; a copied one still needs the standard library of its home."""
    real = FsPath(files.realpath(command))
    if not files.exists(real):
        return real, False
    if home is not None and not files.islink(command) and not files.isdir(home):
        return home, False
    return real, True


def _links(command: str, files: Files) -> tuple[FsPath, ...]:
    """Where each link from the command on leads, made absolute and not resolved any further."""
    found: list[FsPath] = []
    while len(found) < MAX_LINKS:
        try:
            said = files.readlink(command)
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

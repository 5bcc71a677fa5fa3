"""Recognises the kind of machine and of folder: NixOS or Nix elsewhere, FHS environment, container, shell, project."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import Literal

from nixpydoctor.facts import FsPath, Platform, Project, Unread, join
from nixpydoctor.target import PROJECT_FILES

OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
_FHS_MARK = "/.host-etc"
"""buildFHSEnv's sandbox binds the host's /etc there (nixpkgs, build-fhsenv-bubblewrap)."""
_LARGEST = 1 << 20


def read_platform(environ: Mapping[str, str]) -> Platform:
    """This machine."""
    release = _os_release()
    system: Literal["nixos", "linux", "darwin"] = "linux"
    if sys.platform == "darwin":
        system = "darwin"
    elif os.path.exists("/etc/NIXOS") or release.get("ID") == "nixos":
        system = "nixos"
    name = release.get("PRETTY_NAME") or f"{release.get('ID', '')} {release.get('VERSION_ID', '')}".strip()
    return Platform(
        system=system,
        machine=os.uname().machine,
        kernel=os.uname().release,
        name=name,
        nix=os.path.isdir("/nix/store"),
        fhs_env=os.path.isdir(_FHS_MARK),
        container=bool(environ.get("container")) or any(os.path.exists(mark) for mark in _CONTAINER_MARKS),
        nix_shell=_shell(environ.get("IN_NIX_SHELL")),
    )


def _shell(said: str | None) -> Literal["pure", "impure"] | None:
    if not said:
        return None
    return "pure" if said == "pure" else "impure"


def _os_release() -> Mapping[str, str]:
    """The assignments of os-release(5)."""
    for path in OS_RELEASE:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = file.read(_LARGEST).splitlines()
        except OSError:
            continue
        pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
        return {key.strip(): _unquoted(value) for key, sign, value in pairs if sign}
    return {}


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return re.sub(r"\\(.)", r"\1", value)


def read_project(root: FsPath | None, note: Callable[[Unread], None]) -> Project | None:
    """The project in a folder; None where nobody says that there is one."""
    if root is None or not os.path.isdir(root):
        return None
    files = tuple(name for name in PROJECT_FILES if os.path.isfile(join(root, name)))
    return Project(
        root, files, _requires_python(join(root, "pyproject.toml"), note) if "pyproject.toml" in files else None
    )


def _requires_python(path: FsPath, note: Callable[[Unread], None]) -> str | None:
    """`project.requires-python` (PEP 621)."""
    import tomllib  # 10 ms that only projects pay for

    try:
        with open(path, "rb") as file:
            said = tomllib.loads(file.read(_LARGEST).decode("utf-8"))
    except OSError as error:
        note(Unread(path, error.strerror or "cannot be read", False))
        return None
    except (ValueError, RecursionError) as error:
        note(Unread(path, f"no TOML: {error}", False))
        return None
    project = said.get("project")
    wanted = project.get("requires-python") if isinstance(project, dict) else None
    return wanted if isinstance(wanted, str) else None

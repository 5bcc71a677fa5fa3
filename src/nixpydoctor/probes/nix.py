"""Recognises the kind of machine and of folder: NixOS or Nix elsewhere, FHS environment, container, shell, project."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Literal

from nixpydoctor.facts import MACHINES, Elf, FsPath, Platform, Project, Unread, join, parent
from nixpydoctor.files import HERE, Files
from nixpydoctor.landmarks import PROJECT_FILES

OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
_FHS_MARK = "/.host-etc"
"""buildFHSEnv's sandbox binds the host's /etc there (nixpkgs, build-fhsenv-bubblewrap)."""
_LARGEST = 1 << 20
_OTHER = r"requirements[\w.-]*\.txt|pylock\.[\w-]+\.toml"
"""Names of lock files that a project chooses itself (PEP 751; pip-tools)."""


def read_platform(environ: Mapping[str, str], files: Files = HERE) -> Platform:
    """The machine that has these files: this one, or one like it whose file system is looked at from here."""
    release = _os_release(files)
    system: Literal["nixos", "linux", "darwin"] = "linux"
    if sys.platform == "darwin" and not files.root:
        system = "darwin"
    elif files.exists("/etc/NIXOS") or release.get("ID") == "nixos":
        system = "nixos"
    name = release.get("PRETTY_NAME") or f"{release.get('ID', '')} {release.get('VERSION_ID', '')}".strip()
    return Platform(
        system=system,
        machine=os.uname().machine,
        kernel=os.uname().release,
        name=name,
        nix=files.isdir("/nix/store"),
        fhs_env=files.isdir(_FHS_MARK),
        container=bool(environ.get("container")) or any(files.exists(mark) for mark in _CONTAINER_MARKS),
        nix_shell=_shell(environ.get("IN_NIX_SHELL")),
    )


def processor(program: Elf | None, files: Files) -> str:
    """What `uname -m` says where the program runs; of a machine that is only looked at, the program tells it."""
    if not files.root or program is None:
        return os.uname().machine
    return next((name for name, arch in MACHINES.items() if arch == program.arch), os.uname().machine)


def _shell(said: str | None) -> Literal["pure", "impure"] | None:
    if not said:
        return None
    return "pure" if said == "pure" else "impure"


def _os_release(files: Files) -> Mapping[str, str]:
    """The assignments of os-release(5)."""
    for path in OS_RELEASE:
        text = files.text(path, _LARGEST)
        if text is None:
            continue
        pairs = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
        return {key.strip(): _unquoted(value) for key, sign, value in pairs if sign}
    return {}


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return re.sub(r"\\(.)", r"\1", value)


def read_project(root: FsPath | None, note: Callable[[Unread], None], files: Files = HERE) -> Project | None:
    """The project in a folder; None where nobody says that there is one."""
    if root is None or not files.isdir(root):
        return None
    known = [name for name in PROJECT_FILES if files.isfile(join(root, name))]
    with suppress(OSError):  # a folder that may be entered and not listed
        known += sorted(name for name in os.listdir(files.at(root)) if re.fullmatch(_OTHER, name) and name not in known)
    said = _requires_python(join(root, "pyproject.toml"), note, files) if "pyproject.toml" in known else None
    return Project(root, tuple(known), said, _below(root, files))


def _below(root: FsPath, files: Files) -> str:
    """The folder as seen from the repository's top. A worktree's `.git` is a file."""
    folder: str = root
    while not files.lexists(join(folder, ".git")):
        above = parent(FsPath(folder))
        if above == folder:
            return ""
        folder = above
    return root[len(folder) :].lstrip("/")


def _requires_python(path: FsPath, note: Callable[[Unread], None], files: Files) -> str | None:
    """`project.requires-python` (PEP 621)."""
    import tomllib  # 10 ms that only projects pay for

    try:
        with open(files.at(path), "rb") as file:
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

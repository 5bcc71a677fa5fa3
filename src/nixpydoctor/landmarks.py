"""Where a Python may be, and what a look at a file or folder tells: a venv, a prefix, a project, a Python's name."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping

from nixpydoctor.facts import FsPath
from nixpydoctor.files import HERE, Files

PROJECT_FILES = (
    "pyproject.toml", "flake.nix", "shell.nix", "default.nix", "devenv.nix", "devbox.json", ".envrc", "uv.lock",
    "poetry.lock", "pylock.toml", "pdm.lock", "Pipfile", "requirements.txt", "setup.py", "setup.cfg",
    "pixi.toml", "environment.yml", ".python-version", ".tool-versions", "mise.toml", ".pre-commit-config.yaml",
)  # fmt: skip
"""Files that make a folder somebody's project."""

NAMES = ("python", "pypy", "graalpy")
"""What the names of Pythons begin with."""
_VERSIONED = re.compile(r"(?:python|pypy|graalpy)[0-9.]*t?")
_COMMANDS = ("python", "python3")


def absolute(path: str, files: Files = HERE) -> FsPath:
    """The path without dots, and without resolving the link that it may be."""
    if ".." not in path.split("/"):
        return FsPath(os.path.normpath(path))
    folder, name = os.path.split(path.rstrip("/"))
    # `link/..` is the parent of what the link points to, so only the kernel's view of the folder counts.
    if name in ("", ".", ".."):
        return FsPath(files.realpath(path))
    return FsPath(os.path.join(files.realpath(folder), name))


def is_closed(folder: str, files: Files = HERE) -> bool:
    """Whether a folder is there and may not be read."""
    try:
        os.scandir(files.at(folder)).close()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def is_venv(path: str, files: Files = HERE) -> bool:
    """Whether a folder is a venv (PEP 405)."""
    return files.isfile(os.path.join(path, "pyvenv.cfg"))


def has_python(path: str, files: Files = HERE) -> bool:
    """Whether a folder is the prefix of a Python."""
    return command_in(path, files) is not None


def command_in(root: str, files: Files = HERE) -> FsPath | None:
    """The Python in a prefix's bin folder: its plain names first, then a versioned one."""
    folder = os.path.join(root, "bin")
    try:
        names = set(os.listdir(files.at(folder)))
    except OSError:
        return None
    versioned = sorted(name for name in names if _VERSIONED.fullmatch(name))
    for name in (*_COMMANDS, *versioned):
        if name in names and not files.isdir(os.path.join(folder, name)):
            return FsPath(os.path.join(folder, name))
    return None


def is_own(root: str) -> bool:
    """Whether a folder of this machine is the environment that this tool runs from."""
    return os.path.realpath(root) == os.path.realpath(sys.prefix)


def named_like_python(path: str, files: Files = HERE) -> bool:
    """Whether the path, or what it links to, carries a Python's name."""
    return any(os.path.basename(name).startswith(NAMES) for name in (path, files.realpath(path)))


def is_project(folder: str, files: Files = HERE) -> bool:
    """Whether a folder holds a file that makes it somebody's project."""
    return any(files.lexists(os.path.join(folder, name)) for name in PROJECT_FILES)


def project_around(venv: str | None, cwd: str, files: Files = HERE) -> FsPath | None:
    """The project of a venv, in the current folder or right around the venv; without a venv, the current folder's."""
    above = os.path.dirname(venv) if venv is not None else cwd
    if is_project(above, files):
        return FsPath(above)
    around = venv is None or venv.startswith(f"{cwd.rstrip('/')}/")
    return FsPath(cwd) if around and is_project(cwd, files) else None


def run_by(first: bytes) -> str | None:
    """The Python that a script's first line names; None where it names something else."""
    words = os.fsdecode(first[2:]).split()
    if words and os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return words[0] if words and os.path.basename(words[0]).startswith(NAMES) else None


def of_project(folder: FsPath, environ: Mapping[str, str]) -> Iterator[tuple[FsPath, str]]:
    """Where a project's venv may be, with the sentence that says why."""
    chosen = environ.get("UV_PROJECT_ENVIRONMENT")
    if chosen:
        yield FsPath(os.path.normpath(os.path.join(folder, chosen))), "UV_PROJECT_ENVIRONMENT names it"
    for name in (".venv", "venv"):
        yield FsPath(os.path.join(folder, name)), f"it is {name} in {folder}"


def on_path(name: str, environ: Mapping[str, str], cwd: str, files: Files = HERE) -> Iterator[FsPath]:
    """Executable files of this name along PATH. An empty element is the current folder (POSIX)."""
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.normpath(os.path.join(cwd, folder, name))
        if files.runs(path):
            yield FsPath(path)

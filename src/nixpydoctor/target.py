"""Decides which Python is meant, and why: the report says so first.

Nothing is started here, and the tool's own environment (a venv of pipx, uvx or pre-commit) is never taken by accident.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping

from nixpydoctor.facts import Choice, FsPath
from nixpydoctor.files import HERE, Files
from nixpydoctor.landmarks import (
    absolute,
    command_in,
    is_closed,
    is_own,
    is_project,
    is_venv,
    named_like_python,
    of_project,
    on_path,
    project_around,
    run_by,
)
from nixpydoctor.light import dataclass
from nixpydoctor.shims import Shim, UnknownShim, behind

_SHEBANG = 4096
"""Bytes of a script's first line: the kernel reads 256."""
_PROGRAMS = (b"\x7fELF", b"#!", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""How programs begin: ELF, a script, Mach-O for one processor, Mach-O for several."""


class UsageError(Exception):
    """What was asked for cannot be done; the message is a sentence with advice. Exit code 2."""


class NothingToExamine(Exception):  # noqa: N818 - an outcome with an exit code of its own
    """There is no Python here at all; the message says where was looked. Exit code 3."""


@dataclass(frozen=True, slots=True)
class Target:
    """The Python to examine."""

    choice: Choice
    command: FsPath
    """The file that a user would call: absolute, symlinks and wrappers unresolved. It need not exist in a venv."""
    venv_root: FsPath | None = None
    project_root: FsPath | None = None
    beside: Target | None = None
    """For a program that embeds Python: the Python that the same shell would start."""


def find(
    argument: str | None,
    environ: Mapping[str, str],
    cwd: str,
    python: str | None = None,
    by: str = "--python",
    files: Files = HERE,
) -> Target:
    """The target that was named, or else the one that a user in `cwd` would get. `by` is who named `python`.

    Raises `UsageError` for what cannot be a target and `NothingToExamine` where no Python was found.
    """
    here = _Here(environ, cwd, files)
    if python is not None:
        return _outright(here, argument, python, by)
    if argument is not None:
        return _named(here, argument)
    return _discovered(here)


@dataclass(frozen=True, slots=True)
class _Here:
    """Where the user is."""

    environ: Mapping[str, str]
    cwd: str
    files: Files

    def path(self, said: str) -> FsPath:
        """`said` made absolute without resolving the link that it may be."""
        if not said or "\0" in said:
            raise UsageError("The target is an empty name: give a venv, a Python or a project folder.")
        return absolute(os.path.join(self.cwd, said), self.files)

    @property
    def where(self) -> str:
        """The end of a sentence about what does not exist."""
        return f" below {self.files.root}" if self.files.root else ""

    def is_own(self, root: str) -> bool:
        """Whether a folder is the environment that this tool runs from."""
        return not self.files.root and is_own(root)

    def kind(self, path: FsPath, said: str) -> str:
        """`folder` or `file`. Raises `UsageError` for everything else."""
        try:
            mode = os.stat(self.files.at(path)).st_mode
        except (FileNotFoundError, NotADirectoryError):
            if self.files.islink(path) and is_venv(os.path.dirname(os.path.dirname(path)), self.files):
                return "file"  # a venv whose base is gone: that is for the findings to say
            if self.files.islink(path):
                to = self.files.readlink(path)
                raise UsageError(f"{said} is a symbolic link to {to}, which does not exist.") from None
            raise UsageError(f"{said} does not exist{self.where}: name a venv, a Python or a project folder.") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"{said} cannot be looked at: {reason}.") from None
        if stat.S_ISDIR(mode):
            return "folder"
        if stat.S_ISREG(mode):
            return "file"
        raise UsageError(f"{said} is neither a folder nor a program: name a venv, a Python or a project folder.")

    def must_open(self, folder: str, said: str) -> None:
        """Raises `UsageError` for a folder that may not be read: what is not there is not seen there either."""
        if is_closed(folder, self.files):
            raise UsageError(f"{said} cannot be examined: you may not read the folder {folder}.")

    def must_run(self, path: FsPath, said: str) -> None:
        """Raises `UsageError` for a file that is there and is no program of any system."""
        if not self.files.exists(path):
            return
        here = self.files.at(path)
        try:
            with open(here, "rb") as file:
                start = file.read(4)
        except OSError as error:
            raise UsageError(f"{said} cannot be read: {error.strerror}.") from None
        if not os.access(here, os.X_OK) or not start.startswith(_PROGRAMS):
            what = "is empty" if not start else "is no program"
            raise UsageError(f"{said} {what}: name a venv, a Python or a project folder.")


# ── named ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _outright(here: _Here, argument: str | None, python: str, by: str) -> Target:
    """`--python PATH`: a path, or a command to look up on PATH; TARGET can only be the project then."""
    said = python if by == "--python" else f"{python} ({by} names it)"
    project: FsPath | None = None
    if argument is not None:
        project = here.path(argument)
        if here.kind(project, argument) != "folder" or is_venv(project, here.files):
            raise UsageError(f"With --python, TARGET can only be a project folder, which {argument} is not.")
    if "/" not in python and not here.files.lexists(os.path.join(here.cwd, python)):
        found = next(on_path(python, here.environ, here.cwd, here.files), None)
        if found is None:
            raise UsageError(f"There is no command {said} on PATH{here.where}: give --python the path of a Python.")
        path = found
    else:
        path = here.path(python)
    kind = here.kind(path, said)
    if kind == "folder":
        here.must_open(path, said)
        command = command_in(path, here.files)
        if command is None:
            raise UsageError(f"{said} is a folder without bin/python: give --python the Python itself.")
        return _python(here, command, str(path), f"{by} names its folder", project)
    here.must_run(path, said)
    return _python(here, path, str(path), f"{by} names it", project)


def _named(here: _Here, argument: str) -> Target:
    path = here.path(argument)
    if here.kind(path, argument) == "folder":
        return _folder(here, path, argument)
    if os.path.basename(path) == "pyvenv.cfg":
        raise UsageError(f"{argument} describes a venv: check the venv itself, {os.path.dirname(path)}.")
    here.must_run(path, argument)
    if not named_like_python(path, here.files):
        return _host(here, path, argument)
    return _python(here, path, str(path), "it was named", None)


def _host(here: _Here, path: FsPath, said: str) -> Target:
    """A program that may embed Python; whether it does is for the survey to see."""
    with open(here.files.at(path), "rb") as file:
        first = file.readline(_SHEBANG)
    if first.startswith(b"#!") and (runner := run_by(first)) is not None:
        raise UsageError(f"{said} is a script that {runner} runs: check that Python instead (--python {runner}).")
    project = project_around(None, here.cwd, here.files)
    choice = Choice(str(path), "host", "it was named, and by its name it is no Python")
    return Target(choice, path, None, project, _of_the_shell(here, project))


def _of_the_shell(here: _Here, project: FsPath | None) -> Target | None:
    """The Python that a user of this shell works with: the active venv's, else the first on PATH."""
    active = here.environ.get("VIRTUAL_ENV")
    if active:
        root = here.path(active)
        if is_venv(root, here.files) and not here.is_own(root) and command_in(root, here.files) is not None:
            return _venv(here, root, "VIRTUAL_ENV names it", project=project)
    found = next(_pythons(here, []), None)
    return _python(here, found, str(found), "it is the first python3 on PATH", project) if found is not None else None


def _folder(here: _Here, path: FsPath, said: str) -> Target:
    """A venv, the prefix of a Python, or a project."""
    here.must_open(path, said)
    if is_venv(path, here.files):
        return _venv(here, path, "it was named")
    command = command_in(path, here.files)
    if command is not None:
        return _python(here, command, str(path), f"it was named, and it holds {os.path.relpath(command, path)}", None)
    for root, why in of_project(path, here.environ):
        if is_venv(root, here.files):
            return _venv(here, root, why, project=path)
    if not is_project(path, here.files):
        raise UsageError(
            f"{said} is a folder without a Python: it has neither a venv in .venv or venv, nor bin/python. "
            "Name the venv, or name the Python with --python."
        )
    notes: list[str] = []
    for command in _pythons(here, notes):
        why = _sentence(f"{path} has no venv of its own, so the first python3 on PATH is examined", notes)
        return _python(here, command, str(command), why, path)
    raise NothingToExamine(
        f"{said} is a project without a venv, and no python3 is on PATH. Make a venv, or name a Python with --python."
    )


# ── discovered ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _discovered(here: _Here) -> Target:
    notes: list[str] = []
    active = here.environ.get("VIRTUAL_ENV")
    if active:
        root = here.path(active)
        if here.is_own(root):
            notes.append("VIRTUAL_ENV names nixpydoctor's own environment")
        elif is_venv(root, here.files) or command_in(root, here.files) is not None:
            return _venv(here, root, "VIRTUAL_ENV names it", project=FsPath(here.cwd))
        else:
            notes.append(f"VIRTUAL_ENV names {active}, where no venv is")
    for root, why in of_project(FsPath(here.cwd), here.environ):
        if is_venv(root, here.files):
            return _venv(here, root, _sentence(why, notes), project=FsPath(here.cwd))
    for command in _pythons(here, notes):
        why = "no venv is active or in this folder, and it is the first python3 on PATH"
        if here.files.root:
            why = "no target was named, and it is the first python3 in the usual folders"
        return _python(here, command, str(command), _sentence(why, notes), FsPath(here.cwd))
    lacking = "no venv is active or in this folder, and PATH has no python3 of yours"
    if here.files.root:
        lacking = f"{here.files.root} has no .venv at its top, and no python3 in its usual folders"
    raise NothingToExamine(f"{_sentence(f'There is no Python to examine: {lacking}', notes)}. Name a venv or a Python.")


def _pythons(here: _Here, notes: list[str]) -> Iterator[FsPath]:
    """Each `python3` on PATH that is not the tool's own, shims resolved; notes say what was passed over."""
    for found in on_path("python3", here.environ, here.cwd, here.files):
        if here.is_own(os.path.dirname(here.files.realpath(os.path.dirname(found)))):
            notes.append(f"{found} is nixpydoctor's own")
            continue
        try:
            shim = behind(found, here.environ, here.cwd, here.files)
        except UnknownShim as unknown:
            notes.append(str(unknown))
            continue
        if shim is None or shim.command is not None:
            yield FsPath(found if shim is None or shim.command is None else shim.command)


# ── targets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _venv(here: _Here, root: FsPath, why: str, project: FsPath | None = None) -> Target:
    here.must_open(f"{root}/bin", f"The venv {root}")
    command = command_in(root, here.files) or FsPath(f"{root}/bin/python")
    return Target(Choice(str(root), "venv", why), command, root, project or project_around(root, here.cwd, here.files))


def _python(here: _Here, command: FsPath, target: str, why: str, project: FsPath | None) -> Target:
    """A Python by itself; in a venv's bin folder it is that venv's."""
    try:
        shim: Shim | None = behind(command, here.environ, here.cwd, here.files)
    except UnknownShim as unknown:
        raise UsageError(f"{unknown}: name the Python itself.") from None
    if shim is not None:
        if shim.command is None:
            raise UsageError(f"{command} is a shim of {shim.manager} for the system's Python: name that Python itself.")
        command, why = FsPath(shim.command), f"{why}, through a shim of {shim.manager}"
    root = FsPath(os.path.dirname(os.path.dirname(command)))
    venv = root if is_venv(root, here.files) else None
    return Target(Choice(target, "python", why), command, venv, project or project_around(venv, here.cwd, here.files))


def _sentence(why: str, notes: list[str]) -> str:
    return f"{why} ({'; '.join(dict.fromkeys(notes))})" if notes else why

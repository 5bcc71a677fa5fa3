"""Looks at a process that runs: its program, the environment it was started with, and what it has mapped by now.

psutil asks the kernel; where it is not installed, /proc is read. Everything is read at once; a process that ends
meanwhile, or that belongs to somebody else, is told in a sentence.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from nixpydoctor.facts import FsPath, Running
from nixpydoctor.files import HERE
from nixpydoctor.light import dataclass, replace
from nixpydoctor.probes import proc
from nixpydoctor.probes.wrappers import follow
from nixpydoctor.target import UsageError

if TYPE_CHECKING:
    from psutil import Process

_DELETED = " (deleted)"
"""What the kernel adds to the name of a file that is not there any more (proc(5))."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A process as it was when somebody looked."""

    command: FsPath
    """What was called, where it leads to the program that runs; else that program."""
    env: Mapping[str, str]
    cwd: str
    running: Running


def look(pid: int) -> Seen:
    """Look at a process. Raises `UsageError` for one that cannot be looked at, with the reason."""
    try:
        import psutil  # 20 ms, and compiled: only for who asks about a process
    except ImportError:
        return _from_proc(pid)
    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        raise UsageError(f"There is no process {pid}.") from None
    return seen(process)


def seen(process: Process) -> Seen:
    """What `look` tells of a process that was there a moment ago."""
    import psutil

    pid = process.pid
    try:
        executable = process.exe()
        if not executable and process.status() == psutil.STATUS_ZOMBIE:
            raise psutil.ZombieProcess(pid)
        mapped = [region.path for region in process.memory_maps(grouped=True)] if executable else []
        told = proc.Told(executable, process.environ() if executable else {}, process.cwd(), process.cmdline(), mapped)
    except psutil.ZombieProcess:
        raise _ended(pid) from None
    except psutil.NoSuchProcess:
        raise UsageError(f"Process {pid} ended while it was looked at.") from None
    except psutil.AccessDenied:
        with suppress(psutil.Error):
            raise _refused(pid, process.username()) from None
        raise _refused(pid) from None
    return _understood(pid, told)


def _from_proc(pid: int) -> Seen:
    """The same without psutil, where the kernel has a folder of processes."""
    if not os.path.exists("/proc/self/maps"):
        raise UsageError(
            "--pid needs psutil on this system, which is not installed beside nixpydoctor: install it there, or name "
            "the program."
        )
    try:
        told = proc.read(pid)
    except ChildProcessError:
        raise _ended(pid) from None
    except PermissionError:
        with suppress(OSError):
            raise _refused(pid, proc.owner(pid)) from None
        raise _refused(pid) from None
    except (FileNotFoundError, ProcessLookupError):
        raise UsageError(f"There is no process {pid}.") from None
    found = _understood(pid, told)
    return replace(found, running=replace(found.running, without_psutil=True))


def _ended(pid: int) -> UsageError:
    return UsageError(f"Process {pid} has ended: nothing but its exit status is left.")


def _refused(pid: int, user: str = "another user") -> UsageError:
    if os.geteuid() == 0:
        return UsageError(
            f"Process {pid} belongs to {user}, and the kernel lets not even root look at it here: ask outside of the "
            "container or sandbox that this shell is in."
        )
    if user == proc.login(os.geteuid()):
        return UsageError(f"Process {pid} is yours, and it lets nobody but root look at it: ask as root.")
    return UsageError(f"Process {pid} belongs to {user}: only that user and root may look at it.")


def _understood(pid: int, told: proc.Told) -> Seen:
    if not told.executable:
        raise UsageError(f"Process {pid} runs no program: it is a part of the kernel.")
    _must_be_here(pid, told.executable)
    running = Running(
        pid, tuple(FsPath(path) for path in _files(told.mapped)), tuple(FsPath(path) for path in _gone(told.mapped))
    )
    command = _command(told.words, FsPath(told.executable), told.env, told.cwd)
    return Seen(command, told.env, told.cwd, running)


def _must_be_here(pid: int, executable: str) -> None:
    """The path that the process knows its program by must lead to that program from here as well."""
    try:
        here = os.stat(executable)
        with suppress(FileNotFoundError):  # no /proc on this system
            there = os.stat(f"/proc/{pid}/exe")
            if (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
                raise FileNotFoundError
    except OSError:
        raise UsageError(
            f"Process {pid} runs {executable.removesuffix(_DELETED)}, which is not there as seen from here: "
            "it was replaced since, or the process lives in a container."
        ) from None


def _files(mapped: Iterable[str]) -> list[str]:
    """Regular files among the mapped regions; `[heap]` and its like are none."""
    found = []
    for path in mapped:
        with suppress(OSError, ValueError):
            if path.startswith("/") and stat.S_ISREG(os.stat(path).st_mode):
                found.append(path)
    return found


def _gone(mapped: Iterable[str]) -> list[str]:
    """Libraries that are mapped and not there any more."""
    return [path.removesuffix(_DELETED) for path in mapped if path.endswith(_DELETED) and ".so" in path]


def _command(words: Sequence[str], executable: FsPath, env: Mapping[str, str], cwd: str) -> FsPath:
    """What was typed, where it is a link or a wrapper of the program: a venv is known by that name alone."""
    said = words[0] if words else ""
    folders = [cwd] if "/" in said else env.get("PATH", "").split(":")
    for folder in folders if said else ():
        path = os.path.normpath(os.path.join(cwd, folder, said))
        if os.path.exists(path):
            with suppress(OSError):
                if os.path.samefile(follow(path, env, HERE).executable, executable):
                    return FsPath(path)
            break
    return executable

"""Asks a Python what it is, in one child, and falls back on what its files tell.

The child gets the user's environment and no `-I`: the answer shall be what a user's own start would give. It runs in an
empty folder and writes no bytecode (`-B`, PYTHONDONTWRITEBYTECODE), so nothing of the target changes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from nixpydoctor import packaged
from nixpydoctor.facts import FsPath
from nixpydoctor.light import dataclass
from nixpydoctor.probes.child import Child
from nixpydoctor.probes.path_entries import HOOK

TIMEOUT = 10.0
"""Seconds that a Python has to say what it is."""
AGAIN = 3.0
"""The same when it is asked once more without what runs at its start: that takes a Python a few hundredths."""

_TEXTS = ("implementation", "prefix", "base_prefix", "platform", "machine")
_LISTS = ("path", "suffixes", "builtins")
_LOADERS = ("ld-", "ld.so")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking."""

    told: Mapping[str, Any] | None
    """The child's own words, checked for shape."""
    silence: str | None = None
    """Why the first question was not answered, as the rest of a sentence."""

    @property
    def executable(self) -> FsPath | None:
        """The program behind every wrapper, as the kernel knows it; None where a loader was called by name."""
        exe = self.told.get("exe") if self.told is not None else None
        if not isinstance(exe, str) or not exe.startswith("/") or exe.endswith(" (deleted)"):
            return None
        return None if os.path.basename(exe).startswith(_LOADERS) else FsPath(exe)

    @property
    def environ(self) -> Mapping[str, str]:
        """The loader's and Python's variables as the program behind every wrapper got them."""
        given = self.told.get("environ") if self.told is not None else None
        if not isinstance(given, dict):
            return {}
        return {name: value for name, value in given.items() if isinstance(value, str)}


class Question:
    """A Python that is being asked. Made early, collected late: it thinks while we read files."""

    def __init__(self, command: FsPath, environ: Mapping[str, str], cwd: str, timeout: float = TIMEOUT) -> None:
        self._command = command
        self._environ = {**environ, "PYTHONDONTWRITEBYTECODE": "1"}
        self._cwd = cwd
        self._timeout = timeout
        self._marker = os.urandom(16).hex()
        self._script = packaged.text("probes/inside.py")
        self._child = self._ask(timeout=timeout)

    def collect(self) -> Answer:
        """The answer; where the Python gives none as a user starts it, that of a second start with `-I -S`."""
        told, silence = self._hear(self._child, self._timeout)
        if told is not None or silence is None:
            return Answer(told)
        if silence.startswith("it could not be started"):
            return Answer(None, silence)
        from nixpydoctor.probes.silence import late  # nearly every Python answers

        again = min(self._timeout, AGAIN)
        told, still = self._hear(self._ask("-I", "-S", timeout=again), again)
        if told is None:
            hangs = (silence, still) == (late(self._timeout), late(again))
            return Answer(None, f"{silence}; with -I -S there was none within {again:g} s" if hangs else silence)
        return Answer(told, f"{silence}; with -I -S it answered, so something that runs at its start is to blame")

    def _ask(self, *flags: str, timeout: float) -> Child:
        command = (self._command, "-B", *flags, "-c", self._script, self._marker)
        return Child(command, self._environ, timeout)

    def _hear(self, child: Child, timeout: float) -> tuple[Mapping[str, Any] | None, str | None]:
        outcome = child.finish(f"\n>{self._marker}\n".encode())
        if not outcome.complete:
            from nixpydoctor.probes.silence import reason

            return None, reason(outcome, self._command, timeout)
        text = outcome.stdout.partition(f"\n<{self._marker}\n".encode())[2]
        told = _checked(text.partition(b"\n>")[0])
        if told is None:
            return None, "its answer makes no sense"
        told["path"] = [self._place(entry, child.cwd) for entry in told["path"] if entry]
        return told, None

    def _place(self, entry: str, folder: str) -> str:
        """Relative elements of PYTHONPATH were completed with the child's folder: the user means the current one."""
        if entry == folder or entry.startswith(f"{folder}/"):
            return os.path.normpath(self._cwd + entry[len(folder) :])
        return (
            entry if entry.startswith("/") or entry.endswith(HOOK) else os.path.normpath(os.path.join(self._cwd, entry))
        )


def _checked(line: bytes) -> dict[str, Any] | None:
    """The answer where it has the shape of one: a Python may be anybody's program."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    texts = all(isinstance(told.get(name), str) for name in _TEXTS)
    lists = all(
        isinstance(told.get(name), list) and all(isinstance(part, str) for part in told[name]) for name in _LISTS
    )
    version = told.get("version")
    numbers = isinstance(version, list) and len(version) == 3 and all(isinstance(part, int) for part in version)
    return told if texts and lists and numbers else None

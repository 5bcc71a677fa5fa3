"""Says why a Python gave no answer, as the rest of a sentence that begins with the Python."""

from __future__ import annotations

import errno
import os
import signal
from itertools import takewhile

from nixpydoctor.facts import FsPath
from nixpydoctor.formats.shebang import program
from nixpydoctor.probes.child import Outcome

_LINE = 4096
"""Bytes of a script's first line: the kernel reads 256."""
_FRAMES = ("Current thread ", "Thread 0x")
"""How the part of a fatal error begins that says where each thread was."""


def reason(outcome: Outcome, command: FsPath, timeout: float) -> str:
    """Why there is no answer, as the rest of a sentence."""
    if outcome.refused is not None:
        gone = outcome.refused.errno == errno.ENOENT and os.path.exists(command)
        why = _lacking(command) if gone else outcome.refused.strerror
        return f"it could not be started: {why}"
    if outcome.overflow:
        return "it printed more than anybody would read instead of an answer"
    if outcome.code is None:
        return late(timeout)
    said = _last_line(outcome.stderr)
    if outcome.code < 0:
        return f"it was ended by {_signal(-outcome.code)}{said}"
    if outcome.code:
        return f"it ended with exit code {outcome.code}{said}"
    return f"it ended without an answer{said}"


def _lacking(command: FsPath) -> str:
    """What the kernel did not find, where the file itself is there."""
    try:
        with open(command, "rb") as file:
            line = os.fsdecode(file.read(_LINE).partition(b"\n")[0])
    except OSError:
        line = ""
    runner = program(line) if line.startswith("#!") else None
    if runner and not os.path.exists(runner):
        return f"its first line names {runner}, which does not exist"
    return "No such file or directory although the file is there"


def late(timeout: float) -> str:
    """What is said of a Python that took too long; seconds."""
    return f"it gave no answer within {timeout:g} s and was ended"


def _last_line(stderr: bytes) -> str:
    """The last line that says something: below a fatal error stands where each thread was."""
    lines = [line.strip() for line in stderr.decode("utf-8", "surrogateescape").splitlines() if line.strip()]
    said = takewhile(lambda line: not line.startswith(_FRAMES), lines)
    telling = [line for line in said if not line.startswith("Python runtime state: ")] or lines
    return f": {telling[-1][:300]}" if telling else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

"""Says why a Python gave no answer, as the rest of a sentence that begins with the Python."""

from __future__ import annotations

import os
import signal

from nixpydoctor.facts import FsPath
from nixpydoctor.probes.child import Outcome


def silence(outcome: Outcome, command: FsPath, timeout: float) -> str:
    """Why there is no answer, as the rest of a sentence."""
    if outcome.refused is not None:
        there = " although the file is there" if os.path.exists(command) else ""
        return f"it could not be started: {outcome.refused.strerror}{there}"
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


def late(timeout: float) -> str:
    return f"it gave no answer within {timeout:g} s and was ended"


def _last_line(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode("utf-8", "surrogateescape").splitlines() if line.strip()]
    return f": {lines[-1][:300]}" if lines else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

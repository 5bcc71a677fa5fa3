"""Shows on a terminal what long work is at."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.status import Status

Handler = Callable[[int, FrameType | None], object] | int | None

_PATIENCE = 0.7
"""Seconds of silence before progress shows itself."""


class Progress:
    """A sign of life on stderr, only where that is a terminal and only when the work turns out to be long.

    An alarm wakes it (setitimer(2)), no thread: beside a thread no second process could be made safely (`probes.fork`).
    """

    def __init__(self, *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._message = ""
        self._status: Status | None = None
        self._before: Handler = None

    def __enter__(self) -> Progress:
        if self._shown:
            self._before = signal.signal(signal.SIGALRM, self._start)
            signal.setitimer(signal.ITIMER_REAL, max(_PATIENCE, 0.001))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)
        if self._status is not None:
            self._status.stop()

    def __call__(self, message: str) -> None:
        """Say what is being done."""
        self._message = message
        if self._status is not None:
            self._status.update(self._text())

    def _start(self, number: int, frame: FrameType | None) -> None:
        try:
            from rich.console import Console  # 50 ms that only long work pays for
            from rich.status import Status
        except ImportError:
            return  # a sign of life is not worth a fault

        self._status = Status(self._text(), console=Console(stderr=True))
        self._status.start()

    def _text(self) -> str:
        from rich.markup import escape as literal

        from nixpydoctor.report.words import escape

        return literal(escape(self._message))

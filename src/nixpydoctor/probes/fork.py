"""Lets a second process work while this one goes on, where there is a processor for it (fork(2)).

The child has everything that was known when it began, and leaves without a trace: nothing that this process has
buffered is written twice, nothing that it would do at its end is done. What the two say to each other are plain values:
numbers, texts, bytes and tuples, lists and dicts of them.
"""

from __future__ import annotations

import marshal
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

_LENGTH = 8
"""Bytes in front of each message."""
_ROOM = 1 << 20
"""Bytes that a pipe shall hold, so that who writes does not wait for who reads: what Linux gives to everybody."""


class Line:
    """One end of what connects two processes."""

    def __init__(self, ear: int, mouth: int) -> None:
        """Both are ends of pipes, open for reading and for writing."""
        self._ear = ear
        self._mouth = mouth

    def say(self, value: Any) -> None:
        """Send one value. Raises `OSError` where nobody listens any more, `ValueError` for what is no plain value."""
        data = marshal.dumps(value)
        ahead = memoryview(len(data).to_bytes(_LENGTH, "little") + data)
        while ahead:
            ahead = ahead[os.write(self._mouth, ahead) :]

    def hear(self) -> Any:
        """The next value of the other side. Raises `EOFError` where there will be none."""
        length = int.from_bytes(self._heard(_LENGTH), "little")
        return marshal.loads(self._heard(length))  # noqa: S302 - of our own child or parent

    def close(self) -> None:
        """Neither listen nor speak."""
        os.close(self._ear)
        os.close(self._mouth)

    def _heard(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count:
            part = os.read(self._ear, min(count, _ROOM))
            if not part:
                raise EOFError
            parts.append(part)
            count -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


class Helper:
    """A child at work, as its parent sees it."""

    def __init__(self, child: int, line: Line) -> None:
        self._child: int | None = child
        self._line = line

    def hear(self) -> Any:
        """The next value that it says; None where it is gone: then whoever waits works it out."""
        if self._child is None:
            return None
        try:
            return self._line.hear()
        except (EOFError, OSError):
            self.end()
            return None

    def say(self, value: Any) -> None:
        """Tell it something. To one that is gone that makes no difference."""
        if self._child is not None:
            with suppress(OSError):
                self._line.say(value)

    def end(self) -> None:
        """Let go of it, whatever it is at. It holds nothing that could be left half done."""
        if self._child is not None:
            self._line.close()
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(self._child, signal.SIGKILL)
                os.waitpid(self._child, 0)
            self._child = None


def begin(work: Callable[[Line], None]) -> Helper | None:
    """Start `work` in a child; None where there can be none, or where it would take the processor from this process."""
    if not possible():
        return None
    ends: list[int] = []
    try:
        ends += os.pipe()
        ends += os.pipe()
        child = os.fork()
    except OSError:
        for end in ends:
            os.close(end)
        return None
    said, saying, told, telling = ends
    if not child:
        os.close(said)
        os.close(telling)
        _work(work, Line(told, saying))
    os.close(told)
    os.close(saying)
    _widen(said)
    return Helper(child, Line(said, telling))


def possible() -> bool:
    """Where a second thread runs, a child might inherit a lock that nobody ever opens."""
    threading = sys.modules.get("threading")  # who has not imported it has no second thread
    if not hasattr(os, "fork") or (threading is not None and threading.active_count() > 1):
        return False
    return len(os.sched_getaffinity(0)) > 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) > 1


def _work(work: Callable[[Line], None], line: Line) -> NoReturn:
    """Work and end, whatever happens: an exception in the child is nobody's business but its exit code's."""
    code = 1
    try:
        work(line)
        code = 0
    finally:
        os._exit(code)


def _widen(pipe: int) -> None:
    if sys.platform == "linux":
        from fcntl import F_SETPIPE_SZ, fcntl

        with suppress(OSError):  # a user may have too many wide ones: then somebody waits now and then
            fcntl(pipe, F_SETPIPE_SZ, _ROOM)

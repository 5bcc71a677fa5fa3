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


class Line:
    """One end of what connects two processes."""

    def __init__(self, ear: int, mouth: int, *, heard: int | None = None, said: int | None = None) -> None:
        """Ends of two pipes. `heard` and `said`: files in memory in which the values themselves are handed over.

        A pipe holds little: whoever says more waits until the other listens, who may be busy for long.
        """
        self._ear, self._heard, self._read = ear, heard, 0
        self._mouth, self._said = mouth, said

    def say(self, value: Any) -> None:
        """Send one value. Raises `OSError` where nobody listens any more, `ValueError` for what is no plain value."""
        data = marshal.dumps(value)
        length = len(data).to_bytes(_LENGTH, "little")
        if self._said is None:
            _put(self._mouth, length + data)
        else:
            _put(self._said, data)
            _put(self._mouth, length)

    def hear(self) -> Any:
        """The next value of the other side. Raises `EOFError` where there will be none."""
        length = int.from_bytes(_taken(self._ear, _LENGTH), "little")
        if self._heard is None:
            data = _taken(self._ear, length)
        else:
            data = os.pread(self._heard, length, self._read)
            self._read += length
        return marshal.loads(data)  # noqa: S302 - of our own child or parent

    def close(self) -> None:
        """Neither listen nor speak."""
        for end in (self._ear, self._mouth, self._heard, self._said):
            if end is not None:
                os.close(end)


def _put(end: int, data: bytes) -> None:
    ahead = memoryview(data)
    while ahead:
        ahead = ahead[os.write(end, ahead) :]


def _taken(end: int, count: int) -> bytes:
    parts: list[bytes] = []
    while count:
        part = os.read(end, count)
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


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
    shelves: list[int] = []
    try:
        ends += os.pipe()
        ends += os.pipe()
        if hasattr(os, "memfd_create"):
            shelves += [os.memfd_create("up"), os.memfd_create("down")]
        child = os.fork()
    except OSError:
        for end in (*ends, *shelves):
            os.close(end)
        return None
    said, saying, told, telling = ends
    up, down = shelves or (None, None)
    if not child:
        os.close(said)
        os.close(telling)
        _work(work, Line(told, saying, heard=down, said=up))
    os.close(told)
    os.close(saying)
    return Helper(child, Line(said, telling, heard=up, said=down))


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

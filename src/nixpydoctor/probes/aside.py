"""Lets a second process work something out while this one goes on, where there is a processor for it (fork(2)).

The child has everything that was known when it began, says what it found as JSON, and leaves without a trace: nothing
that this process has buffered is written twice, nothing that it would do at its end is done.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from typing import Any


def aside(work: Callable[[], list[Any]]) -> Callable[[], list[Any] | None]:
    """Begin `work` in a child. What is returned waits for its answer: None where there is none."""
    if not _possible():
        return lambda: None
    try:
        here, there = os.pipe()
    except OSError:
        return lambda: None
    try:
        child = os.fork()
    except OSError:
        os.close(here)
        os.close(there)
        return lambda: None
    if not child:
        _work(work, here, there)
    os.close(there)
    return lambda: _answer(child, here)


def _possible() -> bool:
    """Where a second thread runs, a child might inherit a lock that nobody ever opens."""
    if not hasattr(os, "fork") or threading.active_count() > 1:
        return False
    return len(os.sched_getaffinity(0)) > 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) > 1


def _work(work: Callable[[], list[Any]], here: int, there: int) -> None:
    """Answer and end, whatever happens: an exception in the child is nobody's business but its exit code's."""
    code = 1
    try:
        os.close(here)
        with open(there, "wb") as pipe:
            pipe.write(json.dumps(work()).encode("ascii"))
        code = 0
    finally:
        os._exit(code)


def _answer(child: int, here: int) -> list[Any] | None:
    """What the child says; None where it did not come to an end."""
    with open(here, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    found: list[Any] | None = json.loads(said) if status == 0 else None
    return found

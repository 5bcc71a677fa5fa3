"""Reads a file that a person named, without ever waiting for a pipe into which nobody writes."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from collections.abc import Iterator

_PATIENCE = 2.0
"""Seconds that the writer of a pipe has to open it."""
_CHUNK = 1024 * 1024


def read(path: str, most: int) -> bytes:
    """The bytes of `path`, at least one more than `most` where it is longer than that. Raises `OSError`."""
    parts: list[bytes] = []
    size = 0
    for data in pieces(path):
        parts.append(data)
        size += len(data)
        if size > most:
            break
    return b"".join(parts)


def pieces(path: str) -> Iterator[bytes]:
    """The bytes of `path`, piece by piece. Raises `OSError`, with what is the matter in `strerror`.

    A pipe is read to its end, as in `--facts <(zcat case.gz)`, once somebody holds its other end.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise OSError(errno.EISDIR, "it is a folder", path)
        if stat.S_ISFIFO(mode):
            yield _first(handle, path)
        os.set_blocking(handle, True)
        while data := os.read(handle, _CHUNK):
            yield data
    finally:
        os.close(handle)


def _first(handle: int, path: str) -> bytes:
    """What comes first out of a pipe. Its writer may take its time, once there is one."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            data = os.read(handle, _CHUNK)
        except BlockingIOError:
            select.select([handle], [], [])
            continue
        if data:
            return data
        if time.monotonic() > deadline:
            raise OSError(errno.EPIPE, "it is a pipe, and nobody writes into it", path)
        time.sleep(0.02)

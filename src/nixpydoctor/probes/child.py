"""Starts a program that may hang, crash, shout or fork, and keeps only a bounded part of what it says.

The child leads a session of its own, so that everything it starts can be ended with it (setsid(2), killpg(3)).
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

from nixpydoctor.light import dataclass

STDOUT_LIMIT = 4 << 20
STDERR_LIMIT = 1 << 16
_CHUNK = 1 << 16
_BEAT = 0.02
"""Seconds between two looks at a child that has closed nothing and says nothing."""
_PAUSE = 0.002
"""The same for one that has closed its pipes and is about to end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a child ended."""

    code: int | None
    """As `Popen.returncode`: negative for a signal; None where it was ended by us."""
    stdout: bytes = b""
    stderr: bytes = b""
    refused: OSError | None = None
    """Why it could not be started."""
    overflow: bool = False
    """It said more than `STDOUT_LIMIT`."""
    complete: bool = False
    """The text that was waited for came."""


class Child:
    """A program started in an empty folder of its own, which `finish` waits for and clears away."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], timeout: float) -> None:
        self._refused: OSError | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = _empty_folder()
        self.cwd = os.path.realpath(self._folder) if self._folder is not None else "/"
        self._deadline = time.monotonic() + timeout
        try:
            self._process = subprocess.Popen(  # noqa: S603 - to start it is what this class is for
                command,
                cwd=self.cwd,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except (OSError, ValueError) as refusal:
            self._refused = refusal if isinstance(refusal, OSError) else OSError(22, str(refusal))

    def finish(self, until: bytes | None = None) -> Outcome:
        """Wait for the end of the child, or for `until` in its output, or for the time to be up; then end all of it."""
        try:
            if self._process is None:
                return Outcome(None, refused=self._refused)
            return self._listen(self._process, until)
        finally:
            _clear(self._folder)

    def _listen(self, process: subprocess.Popen[bytes], until: bytes | None) -> Outcome:
        out, err = _Ear(process.stdout, STDOUT_LIMIT), _Ear(process.stderr, STDERR_LIMIT)
        complete = False
        with selectors.DefaultSelector() as selector:
            for ear in (out, err):
                selector.register(ear.pipe, selectors.EVENT_READ, ear)
            while selector.get_map() and not out.overflow:
                ended = _ended(process.pid)
                left = self._deadline - time.monotonic()
                if left <= 0 and not ended:
                    break
                ready = selector.select(0 if ended else min(left, _BEAT))
                for key, _ in ready:
                    if not key.data.hear():
                        selector.unregister(key.fileobj)
                complete = until is not None and until in out.heard
                # A grandchild may hold the pipe open for ever: once the child is gone and silent, that is all.
                if complete or (ended and not ready):
                    break
        if not complete and not out.overflow:
            self._wait(process.pid)
        own = _ended(process.pid)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
        out.pipe.close()
        err.pipe.close()
        return Outcome(code if own else None, bytes(out.heard), bytes(err.heard), None, out.overflow, complete)

    def _wait(self, pid: int) -> None:
        while not _ended(pid) and time.monotonic() < self._deadline:
            time.sleep(_PAUSE)


def _empty_folder() -> str | None:
    """A new folder that nobody else can write; None where there is no place for one.

    Made by hand, because `tempfile` takes 10 ms to import.
    """
    for base in (os.environ.get("TMPDIR"), "/tmp", "/var/tmp"):  # noqa: S108 - the name cannot be guessed
        if base and os.path.isabs(base):
            path = f"{base}/nixpydoctor-{os.urandom(16).hex()}"
            with suppress(OSError):
                os.mkdir(path, 0o700)
                return path
    return None


def _clear(folder: str | None) -> None:
    """Remove the folder, and what the child may have left in it."""
    if folder is None:
        return
    try:
        os.rmdir(folder)
    except OSError:
        import shutil

        shutil.rmtree(folder, ignore_errors=True)


def _ended(pid: int) -> bool:
    """Whether the child has ended. It stays a zombie, so its number cannot pass to a stranger before `killpg`."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


class _Ear:
    """One pipe, and what was kept of it."""

    def __init__(self, pipe: IO[bytes] | None, limit: int) -> None:
        if pipe is None:
            raise ValueError("the child has no such pipe")
        self.pipe = pipe
        self.heard = bytearray()
        self.overflow = False
        self._limit = limit

    def hear(self) -> bool:
        """Read once; False at the end. What goes beyond the limit is read and dropped, or the child would block."""
        data = os.read(self.pipe.fileno(), _CHUNK)
        room = self._limit - len(self.heard)
        self.overflow = self.overflow or len(data) > room
        self.heard += data[:room]
        return bool(data)

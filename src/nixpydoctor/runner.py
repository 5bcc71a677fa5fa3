"""Runs a command as if nobody stood between, and keeps what it wrote to stderr.

stdin and stdout are the command's own. stderr goes through a terminal of the same size where ours is one (pty(7)), else
through a pipe, and on to ours byte for byte. Signals and the exit status are passed through; a status says as in a
shell how it ended: 128 and the signal's number, 126 and 127 where it could not start (POSIX, 2.8.2).
"""

from __future__ import annotations

import errno
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from nixpydoctor.light import dataclass
from nixpydoctor.onlooker import Seen, python_below
from nixpydoctor.symptoms.sieve import Sieve

NOT_EXECUTABLE, NOT_FOUND, BY_SIGNAL = 126, 127, 128
_CHUNK = 65536
_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
"""What a terminal sends to everybody in its foreground: the command has it already."""
_FORWARDED = (*_KEYBOARD, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_TROUBLE = (b"Traceback", b"rror")
"""In a chunk of stderr: whoever writes that is still alive, and can be looked at."""

_PAUSE = 0.1
"""Seconds between two looks: who writes many lines about errors is not held up by them."""

Handler = Callable[[int, FrameType | None], object] | int | None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    said: Sieve
    """What it wrote to stderr."""
    failure: str = ""
    """Why it could not start: a message like a shell's."""
    seen: Seen | None = None
    """The Python below it that was alive when it wrote of an error."""


def run(command: Sequence[str]) -> Ended:
    """Run the command to its end. What cannot be started is told, never raised."""
    said = Sieve()
    _occupy()
    terminal = os.isatty(2)
    ours, theirs = _terminal() if terminal else os.pipe()
    try:
        with _signals() as passing:
            try:
                # What our own parent passed on (the jobs of make, sockets of systemd) is passed on again.
                child = subprocess.Popen(list(command), stderr=theirs, close_fds=False)  # noqa: S603 - as asked
            except (OSError, ValueError) as error:
                return Ended(*_refused(command[0], error, said))
            finally:
                os.close(theirs)
            passing.to(child)
            seen, open_end = _follow(child, ours, said, passing, terminal=terminal)
        code = child.returncode
        if open_end:
            _leave_to_another(ours)
        return Ended(code if code >= 0 else BY_SIGNAL - code, said, seen=seen)
    finally:
        os.close(ours)


def _occupy() -> None:
    """Where we were started with a closed stream, nothing of ours may take its number. The command gets it closed."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)


def _refused(name: str, error: OSError | ValueError, said: Sieve) -> tuple[int, Sieve, str]:
    """The status and the message for a command that the kernel would not start."""
    if not name:
        return NOT_FOUND, said, "'': command not found"
    path = name if "/" in name else shutil.which(name) or name
    number = getattr(error, "errno", None)
    if number == errno.ENOENT and os.path.exists(path):
        return NOT_FOUND, said, f"{path}: cannot execute: required file not found"
    if number == errno.ENOENT and os.path.islink(path):
        return NOT_FOUND, said, f"{path}: No such file or directory"
    if number in (errno.ENOENT, errno.ENOTDIR):
        what = "No such file or directory" if "/" in name else "command not found"
        return NOT_FOUND, said, f"{name}: {what}"
    if number == errno.ENOEXEC:
        return NOT_EXECUTABLE, said, f"{path}: cannot execute binary file: Exec format error"
    return NOT_EXECUTABLE, said, f"{name}: {getattr(error, 'strerror', None) or error}"


# ── stderr ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _terminal() -> tuple[int, int]:
    """A terminal of the size of ours that changes no byte: our end and the command's."""
    import pty
    import termios

    ours, theirs = pty.openpty()
    os.set_inheritable(theirs, False)
    how = termios.tcgetattr(theirs)
    how[1] &= ~termios.OPOST  # ours ends lines itself
    termios.tcsetattr(theirs, termios.TCSANOW, how)
    _resize(ours)
    return ours, theirs


def _resize(ours: int) -> None:
    with suppress(OSError):
        import termios

        columns, lines = os.get_terminal_size(2)
        termios.tcsetwinsize(ours, (lines, columns))


def _follow(
    child: subprocess.Popen[bytes], ours: int, said: Sieve, passing: _Passing, *, terminal: bool
) -> tuple[Seen | None, bool]:
    """Pass on what comes until the command ends; also whether somebody else still holds its stderr."""
    seen: Seen | None = None
    looked = 0.0
    open_end = True
    while child.poll() is None:
        ready, _, _ = select.select([passing.wake, *([ours] if open_end else [])], [], [])
        if passing.wake in ready and passing.awake() and terminal:
            _resize(ours)
        if ours in ready:
            data = _read(ours)
            open_end = bool(data)
            if any(word in data for word in _TROUBLE) and time.monotonic() - looked > _PAUSE:
                seen = python_below(child.pid) or seen
                looked = time.monotonic()
            _pass_on(data, said)
    os.set_blocking(ours, False)
    while open_end:
        try:
            data = os.read(ours, _CHUNK)
        except BlockingIOError:
            break
        except OSError:  # the last of the terminal's other ends was closed
            data = b""
        open_end = bool(data)
        _pass_on(data, said)
    return seen, open_end


def _read(ours: int) -> bytes:
    try:
        return os.read(ours, _CHUNK)
    except OSError:  # EIO: nobody holds the terminal's other end any more
        return b""


def _pass_on(data: bytes, said: Sieve) -> None:
    said.feed(data)
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(2, rest) :]
        except BlockingIOError:
            select.select([], [2], [])
        except OSError:  # nobody reads our stderr any more
            return


def _leave_to_another(ours: int) -> None:
    """Something that the command started still writes to stderr: a process of its own goes on passing that on."""
    if os.fork():
        return
    with suppress(BaseException):
        os.set_blocking(ours, True)
        with suppress(OSError):
            os.setsid()
        for descriptor in (0, 1):
            os.close(descriptor)
        while data := _read(ours):
            os.write(2, data)
    os._exit(0)


# ── signals ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Passing:
    """Hands signals on to the command, those too that came before it was there."""

    def __init__(self, wake: int) -> None:
        self.wake = wake
        """Readable after a signal."""
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def to(self, child: subprocess.Popen[bytes]) -> None:
        """The command is there."""
        self._child = child
        for number in self._early:
            child.send_signal(number)

    def handle(self, number: int, frame: FrameType | None) -> None:
        """A signal came to us."""
        del frame
        if number in _KEYBOARD and _in_foreground():
            return
        if self._child is None:
            self._early.append(number)
        else:
            self._child.send_signal(number)

    def awake(self) -> bool:
        """Empty the pipe; whether the terminal changed its size."""
        with suppress(BlockingIOError):
            return signal.SIGWINCH in os.read(self.wake, 512)
        return False


@contextmanager
def _signals() -> Iterator[_Passing]:
    """Our own handlers, for as long as the command runs; what was ignored stays ignored, for the command as well."""
    wake, waker = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(waker, False)
    passing = _Passing(wake)
    before: dict[int, Handler] = {}
    for number in _FORWARDED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, passing.handle)
    for told in (signal.SIGCHLD, signal.SIGWINCH):
        before[told] = signal.signal(told, lambda number, frame: None)
    old = signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    try:
        yield passing
    finally:
        signal.set_wakeup_fd(old)
        for known, handler in before.items():
            signal.signal(known, handler)
        os.close(wake)
        os.close(waker)


def _in_foreground() -> bool:
    """Whether a key press in our terminal reached the command too."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def environment(ended: Ended, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The variables of the process that failed: those of the Python that was seen, else those that it started with."""
    return ended.seen.environ if ended.seen is not None else environ


def python_of(ended: Ended, command: Sequence[str]) -> str | None:
    """The Python that was started, as far as the command or the look at it tells."""
    if ended.seen is not None:
        return ended.seen.command
    name = os.path.basename(command[0])
    if not name.startswith(("python", "pypy")):
        return None
    return command[0] if "/" in command[0] else shutil.which(command[0])


def host_of(ended: Ended, command: Sequence[str]) -> str | None:
    """The program that was started, where it is no Python and none was seen below it: it may embed one."""
    if ended.failure or python_of(ended, command) is not None:
        return None
    return os.path.abspath(command[0]) if "/" in command[0] else shutil.which(command[0])


def last_words(code: int) -> str:
    """What a shell would say of how a command ended, for an end without words of its own."""
    number = code - BY_SIGNAL
    if number in (signal.SIGSEGV, signal.SIGBUS):
        return "Segmentation fault"
    if number == signal.SIGILL:
        return "Illegal instruction"
    return "Killed" if number == signal.SIGKILL else f"exit status {code}"


def interrupted(code: int) -> bool:
    """Whether somebody ended it on purpose."""
    return code - BY_SIGNAL in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE)

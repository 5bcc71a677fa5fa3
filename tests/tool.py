"""Runs the tool as a shell does, in a process with streams, variables and an exit code of its own, without its start.

Starting Python and importing the tool takes most of a short run's time. So one server a test process has imported all
of it, and every run is a fork of that server, which ends as any Python does. What Python or the loader reads at its
start cannot be given to a fork: with such variables, `run` starts the tool anew. Tests that are about the start itself
(what is imported, closed streams, terminals) call `started`, or start the tool themselves.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

START = "from nixpydoctor.cli import main; main()"
"""The command line without the shortcut for the plainest ones."""
PLAIN = "from nixpydoctor.__main__ import main; main()"
"""The console script."""
SECONDS = 120
"""What a run may take before it is ended."""
_LENGTH = 8
_AT_START = ("PYTHON", "LD_", "DYLD_", "LC_", "LANG", "MALLOC_")


def run(
    *arguments: str | bytes,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    code: str = START,
) -> subprocess.CompletedProcess[str]:
    """The tool with these arguments. `env` is the whole environment; streams are no terminals and read as UTF-8.

    Raises `subprocess.TimeoutExpired`; the run is ended then.
    """
    return _text(raw(*arguments, env=env, cwd=cwd, stdin=stdin, code=code))


def raw(
    *arguments: str | bytes,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    code: str = START,
) -> subprocess.CompletedProcess[bytes]:
    """The same, its output as it was written."""
    given = dict(os.environ if env is None else env)
    at_start = _read_at_start(given)
    if code not in (START, PLAIN) or not at_start <= _read_at_start(os.environ):
        return _started(*arguments, env=given, cwd=cwd, stdin=stdin, code=code)
    server = _server(at_start)
    with tempfile.TemporaryFile() as put, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        put.write(stdin)
        put.seek(0)
        status = server.fork(
            [os.fsdecode(one) for one in arguments], given, str(cwd or os.getcwd()), code, put, out, err
        )
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(["nixpydoctor", *arguments], status, out.read(), err.read())


def started(
    *arguments: str | bytes,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    code: str = START,
) -> subprocess.CompletedProcess[str]:
    """As `run`, in a Python that is started for it. `code` is what that Python executes."""
    return _text(_started(*arguments, env=env, cwd=cwd, stdin=stdin, code=code))


def _started(
    *arguments: str | bytes, env: Mapping[str, str] | None, cwd: Path | None, stdin: bytes, code: str
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=SECONDS, env=env, cwd=cwd, check=False)


def _text(told: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess(told.args, told.returncode, told.stdout.decode(), told.stderr.decode())


def _read_at_start(env: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((name, value) for name, value in env.items() if name.startswith(_AT_START))


class _Server:
    """The test's side of the server."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._ours, theirs = socket.socketpair()
        self._child = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=env,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        atexit.register(self._end)

    def fork(self, arguments: list[str], env: Mapping[str, str], cwd: str, code: str, *streams: IO[bytes]) -> int:
        """One run; its exit code, negative after a signal."""
        asked = json.dumps([arguments, dict(env), cwd, code]).encode()
        socket.send_fds(self._ours, [len(asked).to_bytes(_LENGTH, "big")], [one.fileno() for one in streams])
        self._ours.sendall(asked)
        pid = int.from_bytes(_exactly(self._ours, _LENGTH), "big")
        ended, _, _ = select.select([self._ours], [], [], SECONDS)
        if not ended:
            os.kill(pid, signal.SIGKILL)
        status = int.from_bytes(_exactly(self._ours, _LENGTH), "big")
        if not ended:
            raise subprocess.TimeoutExpired(arguments, SECONDS)
        return os.waitstatus_to_exitcode(status)

    def _end(self) -> None:
        self._ours.close()
        self._child.wait()


@functools.cache
def _server(at_start: frozenset[tuple[str, str]]) -> _Server:
    """One for each choice among this process's own variables; in practice one."""
    return _Server(dict(at_start))


def _exactly(end: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = end.recv(size - len(data))
        if not more:
            raise EOFError("the other end is gone")
        data += more
    return data


# ── the server's side ────────────────────────────────────────────────────────────────────────────────────────────────


def _prepare() -> None:
    """Import what any command may need, read the package's own tables once, and be as `python -c` is."""
    import nixpydoctor

    for module in pkgutil.walk_packages(nixpydoctor.__path__, "nixpydoctor."):
        if module.name != "nixpydoctor.probes.inside":  # a script for the target
            importlib.import_module(module.name)
    for name in ("rich.console", "rich.status", "elftools.elf.elffile"):
        importlib.import_module(name)
    from nixpydoctor.rules import RULES
    from nixpydoctor.symptoms import read

    read("ImportError: libz.so.1: cannot open shared object file", RULES)
    sys.path[0] = ""
    gc.collect()
    gc.freeze()


def _serve(end: socket.socket) -> str | None:
    """Answer until the tests are done; in a fork, return the code to execute."""
    while True:
        length, streams, _, _ = socket.recv_fds(end, _LENGTH, 3)
        if not length:
            return None
        arguments, env, cwd, code = json.loads(_exactly(end, int.from_bytes(length, "big")))
        pid = os.fork()
        if pid == 0:
            end.close()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            os.chdir(cwd)
            os.environ.clear()
            os.environ.update(env)
            sys.argv[:] = ["-c", *arguments]
            return str(code)
        for stream in streams:
            os.close(stream)
        end.sendall(pid.to_bytes(_LENGTH, "big"))
        end.sendall(os.waitpid(pid, 0)[1].to_bytes(_LENGTH, "big"))


if __name__ == "__main__":
    _prepare()
    _asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    if _asked is not None:
        exec(compile(_asked, "<string>", "exec"), {"__name__": "__main__"})

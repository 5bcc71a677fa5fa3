"""Really imports modules, one child each, and says what happened (`check --imports`): it runs their code.

A child has an empty current folder, the user's environment and the program that a user would call; a crash ends only
itself.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from nixpydoctor.facts import Facts, FsPath, Imported
from nixpydoctor.probes.child import Child, Outcome

TIMEOUT = 60.0
"""Seconds that one import may take."""
_LONGEST = 8000

_SCRIPT = """\
import sys
name, marker = sys.argv[1:3]
del sys.argv[1:]
if sys.path and sys.path[0] == "":
    del sys.path[0]
said = []
try:
    __import__(name)
    code = 0
except BaseException as error:
    code = 1
    while error is not None and len(said) < 20:
        said.append(type(error).__name__ + ": " + str(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
import os
text = "<" + marker + " " + str(code) + "\\n" + "\\n".join(reversed(said)) + "\\n>" + marker + "\\n"
data = text.encode("utf-8", "surrogateescape" if os.name == "posix" else "replace")
while data:
    data = data[os.write(1, data):]
os._exit(code)
"""


def import_each(
    facts: Facts,
    names: Sequence[str],
    *,
    jobs: int,
    timeout: float = TIMEOUT,
    progress: Callable[[str], None] = lambda message: None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Imported, ...]:
    """What came of importing each name, in the order of `names`."""
    python = facts.main.python
    if python is None:
        return ()
    command = python.command
    given = {**(os.environ if environ is None else environ), "PYTHONDONTWRITEBYTECODE": "1"}
    given.setdefault("QT_QPA_PLATFORM", "offscreen")  # no display is needed to import, and none may pop up
    lock = Lock()
    done = 0

    def run(name: str) -> Imported:
        nonlocal done
        outcome = _import(command, name, given, timeout)
        with lock:
            done += 1
            progress(f"importing {name} ({done} of {len(names)})")
        return outcome

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        return tuple(pool.map(run, names))


def _import(command: FsPath, name: str, environ: Mapping[str, str], timeout: float) -> Imported:
    marker = os.urandom(16).hex()
    child = Child((command, "-B", "-c", _SCRIPT, name, marker), environ, timeout)
    outcome = child.finish(f"\n>{marker}\n".encode())
    start = outcome.stdout.find(f"<{marker} ".encode())
    if outcome.complete and start >= 0:
        head, _, rest = outcome.stdout[start:].decode("utf-8", "surrogateescape").partition("\n")
        error = rest.partition(f"\n>{marker}")[0].strip()[:_LONGEST]
        return Imported(name, "ok") if head.endswith(" 0") else Imported(name, "failed", error)
    return _silent(name, outcome, timeout)


def _silent(name: str, outcome: Outcome, timeout: float) -> Imported:
    """An import after which Python did not come to say anything."""
    said = outcome.stderr.decode("utf-8", "surrogateescape").strip()[-_LONGEST:]
    if outcome.refused is not None:
        return Imported(name, "failed", f"the Python could not be started: {outcome.refused.strerror}")
    if outcome.overflow:
        return Imported(name, "failed", "it printed without end")
    if outcome.code is None:
        return Imported(name, "timeout", f"no end after {timeout:g} s")
    if outcome.code < 0:
        return Imported(name, "killed", "\n".join(filter(None, (_signal(-outcome.code), said))))
    return Imported(name, "failed", said or f"it ended Python with exit code {outcome.code}")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

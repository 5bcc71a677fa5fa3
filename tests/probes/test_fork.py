"""A second process answers, or nobody does: never twice, never half, and without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nixpydoctor.probes.fork import Line, begin

pytestmark = pytest.mark.usefixtures("two_processors")


def answer(work: Callable[[], object]) -> Any:
    """What a helper says that says one thing."""
    helper = begin(lambda line: line.say(work()))
    assert helper is not None
    try:
        return helper.hear()
    finally:
        helper.end()


def test_the_answer_comes_from_another_process() -> None:
    said = answer(lambda: (os.getpid(), "a \udcff name", 1 << 2000, {b"x": None}))
    assert said[0] != os.getpid()
    assert said[1:] == ("a \udcff name", 1 << 2000, {b"x": None})


def test_an_answer_of_any_length_arrives() -> None:
    assert answer(lambda: ["x" * 1000] * 3000) == ["x" * 1000] * 3000


def test_both_talk_in_turn_until_one_has_enough() -> None:
    def echo(line: Line) -> None:
        while True:
            line.say(line.hear() * 2)

    helper = begin(echo)
    assert helper is not None
    for number in range(5):
        helper.say("y" * 300_000 + str(number))
        assert helper.hear() == ("y" * 300_000 + str(number)) * 2
    helper.end()
    helper.say("to nobody")
    assert helper.hear() is None
    helper.end()


def test_what_is_let_go_is_gone() -> None:
    def linger(line: Line) -> None:
        line.say(os.getpid())
        signal.pause()

    helper = begin(linger)
    assert helper is not None
    child = helper.hear()
    helper.end()
    with pytest.raises(ChildProcessError):
        os.waitpid(child, os.WNOHANG)


def test_whoever_is_left_alone_ends_by_itself() -> None:
    """A parent that dies closes its ends: what waits for a word hears that there will be none."""
    code = (
        "import os, sys\n"
        "from nixpydoctor.probes import fork\n"
        "fork.possible = lambda: True\n"
        "helper = fork.begin(lambda line: (line.say(os.getpid()), line.hear()))\n"
        "print(helper.hear(), flush=True)\n"
        "os._exit(0)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for _ in range(500):
        try:
            os.kill(int(told.stdout), 0)
        except ProcessLookupError:
            break
        if Path(f"/proc/{int(told.stdout)}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.01)
    else:
        pytest.fail("it is still there")


def fail() -> list[Any]:
    raise ZeroDivisionError("ours")


def interrupted() -> list[Any]:
    raise KeyboardInterrupt


def killed() -> list[Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return ["never"]


@pytest.mark.parametrize("work", [fail, interrupted, killed, lambda: [object()]])
def test_what_goes_wrong_there_is_no_answer(work: Any) -> None:
    assert answer(work) is None


def test_what_was_buffered_is_written_once() -> None:
    code = (
        "import sys\n"
        "from nixpydoctor.probes import fork\n"
        "fork.possible = lambda: True\n"
        "print('once', end='')\n"
        "assert fork.begin(lambda line: line.say(1)).hear() == 1\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (out.stdout, out.stderr) == ("once", "")


def test_beside_a_thread_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert begin(lambda line: line.say(1)) is None
    finally:
        done.set()
        thread.join()

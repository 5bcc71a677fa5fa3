"""A second process answers, or nobody does: never twice, never half, and without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

from nixpydoctor.probes import fork
from nixpydoctor.probes.aside import aside


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test runners have threads, and a machine may have one processor."""
    monkeypatch.setattr(fork, "possible", lambda: True)


def test_the_answer_comes_from_another_process() -> None:
    answer = aside(lambda: [os.getpid(), "a \udcff name"])
    said = answer()
    assert said is not None
    assert said[0] != os.getpid()
    assert said[1] == "a \udcff name"


def test_an_answer_of_any_length_arrives() -> None:
    assert aside(lambda: ["x" * 1000] * 1000)() == ["x" * 1000] * 1000


def fail() -> list[Any]:
    raise ZeroDivisionError("ours")


def interrupted() -> list[Any]:
    raise KeyboardInterrupt


def killed() -> list[Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return ["never"]


@pytest.mark.parametrize("work", [fail, interrupted, killed, lambda: [object()]])
def test_what_goes_wrong_there_is_no_answer(work: Any) -> None:
    assert aside(work)() is None


def test_what_was_buffered_is_written_once() -> None:
    code = (
        "import sys\n"
        "from nixpydoctor.probes import aside, fork\n"
        "fork.possible = lambda: True\n"
        "print('once', end='')\n"
        "assert aside.aside(lambda: [1])() == [1]\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (out.stdout, out.stderr) == ("once", "")


def test_beside_a_thread_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert aside(lambda: [1])() is None
    finally:
        done.set()
        thread.join()

"""Children that hang, crash, shout, fork or cannot start: bounded, ended, cleared away."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from nixpydoctor.probes import child as module
from nixpydoctor.probes.child import Child, Outcome


def run(script: str, timeout: float = 20, until: bytes | None = None) -> Outcome:
    return Child(("/bin/sh", "-c", script), {"PATH": os.defpath}, timeout).finish(until)


def test_what_it_says_and_how_it_ends_is_kept() -> None:
    outcome = run("echo out; echo err >&2; exit 3")
    assert (outcome.stdout, outcome.stderr, outcome.code) == (b"out\n", b"err\n", 3)


def test_a_signal_is_a_negative_code() -> None:
    assert run("kill -SEGV $$").code == -signal.SIGSEGV


def test_a_child_that_hangs_is_ended_when_its_time_is_up() -> None:
    outcome = run("echo begun; sleep 1000", timeout=0.3)
    assert (outcome.code, outcome.stdout) == (None, b"begun\n")


def test_what_the_child_started_ends_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    run(f"sleep 1000 & echo $! > {note}; wait", timeout=0.5)
    pid = int(note.read_text())
    end = time.monotonic() + 10
    while _runs(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # nobody in a container may come to reap an orphan


def test_a_grandchild_that_keeps_the_pipe_open_is_not_waited_for() -> None:
    assert run("sleep 1000 & echo done", timeout=60).stdout == b"done\n"


def test_the_text_that_is_waited_for_ends_the_wait() -> None:
    outcome = run("echo noise; echo mark; sleep 1000", timeout=60, until=b"mark\n")
    assert outcome.complete


def test_output_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STDOUT_LIMIT", 1000)
    outcome = run("while :; do echo 0123456789; done")
    assert outcome.overflow
    assert len(outcome.stdout) == 1000


def test_complaints_without_end_do_not_block_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STDERR_LIMIT", 1000)
    outcome = run("i=0; while [ $i -lt 20000 ]; do echo 0123456789 >&2; i=$((i+1)); done; echo answer")
    assert (outcome.stdout, len(outcome.stderr), outcome.code) == (b"answer\n", 1000, 0)


def test_its_current_folder_is_empty_and_gone_afterwards() -> None:
    child = Child(("/bin/sh", "-c", "ls -A; pwd; mkdir left; echo x > left/over"), {"PATH": os.defpath}, 20)
    outcome = child.finish()
    assert outcome.stdout.decode() == f"{child.cwd}\n"
    assert not os.path.exists(child.cwd)


def test_what_cannot_start_says_why() -> None:
    outcome = Child(("/no/such/program",), {}, 20).finish()
    assert outcome.refused is not None
    assert outcome.refused.strerror == "No such file or directory"
    assert Child(("a\0b",), {}, 20).finish().refused is not None

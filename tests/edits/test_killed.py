"""`SIGKILL` at many moments: every file is old or new, never half, and undoing is always complete. Fifty in the lab."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edits.patient import Patient, a_patient
from nixpydoctor.edits import state, undo
from nixpydoctor.edits.journal import FOLDER

pytestmark = pytest.mark.skipif(shutil.which("patchelf") is None, reason="needs patchelf")

MOMENTS = 15
CHILD = """
import sys
from pathlib import Path
from edits.patient import Patient
patient = Patient(Path(sys.argv[1]))
seen, edits = patient.survey(), patient.edits()
print("ready", flush=True)
sys.stdin.readline()
patient.apply(edits)
print("done", flush=True)
sys.stdin.readline()
"""


def a_child(patient: Patient) -> subprocess.Popen[str]:
    """A process that applies as soon as it is told."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(patient.base)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def tell(child: subprocess.Popen[str]) -> None:
    """Let it begin."""
    assert child.stdin is not None
    child.stdin.write("go\n")
    child.stdin.flush()


def end(child: subprocess.Popen[str]) -> None:
    """No grace, and what it started (patchelf) goes with it."""
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()


def test_killed_at_any_moment(tmp_path: Path) -> None:
    patient = a_patient(tmp_path / "venv")
    original = patient.snapshot()
    child = a_child(patient)
    began = time.monotonic()
    tell(child)
    assert child.stdout is not None
    child.stdout.readline()
    whole = time.monotonic() - began
    end(child)
    edited = {name: held for name, held in patient.snapshot().items() if not name.startswith(FOLDER)}
    undo(patient.root)
    outcomes = set()
    reach = whole
    for _ in range(MOMENTS):
        child = a_child(patient)
        tell(child)
        time.sleep(random.uniform(0, reach))
        end(child)
        now = patient.snapshot()
        for name, held in original.items():
            assert now[name][1:] in (held[1:], edited[name][1:]), f"{name} is neither old nor new"
        found = state(patient.root)
        outcomes.add("none" if found is None else "some" if found.original else "all")
        if len(outcomes) < 2:
            reach *= 1.3  # a busy machine is slower now than when the whole was timed
        undo(patient.root)
        assert patient.snapshot() == original
        assert not (patient.base / FOLDER).exists()
    assert len(outcomes) > 1, "every moment was the same one: nothing was tried"

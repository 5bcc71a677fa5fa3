"""Really importing modules: every way to fail is told, and none stops the others."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from build import facts
from nixpydoctor.facts import FsPath, Imported, Python
from nixpydoctor.probes.live import import_each

MODULES = {
    "fine": "import sys\nassert '' not in sys.path\n",
    "chained": "try:\n    import no_such_thing\nexcept ImportError as one:\n    raise RuntimeError('sorry') from one\n",
    "hidden": "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise RuntimeError('only me') from None\n",
    "crashes": "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
    "leaves": "import os\nos._exit(0)\n",
    "quits": "raise SystemExit(3)\n",
    "noisy": "print('<', 'x' * 100000)\nimport sys\nsys.stdout.close()\n",
    "hangs": "import time\ntime.sleep(1000)\n",
    "writes": "open('here', 'w').write('x')\n",
}


def outcomes(tmp_path: Path, *names: str, timeout: float = 30) -> dict[str, Imported]:
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text)
    told = Python(command=FsPath(sys.executable), version="3.11")
    world = facts(python=told)
    said: list[str] = []
    environ = {"PATH": os.defpath, "PYTHONPATH": str(tmp_path)}
    done = import_each(world, names, jobs=2, timeout=timeout, progress=said.append, environ=environ)
    assert [outcome.name for outcome in done] == list(names)
    assert len(said) == len(names)
    return {outcome.name: outcome for outcome in done}


def test_each_import_stands_alone_and_the_innermost_error_comes_first(tmp_path: Path) -> None:
    done = outcomes(tmp_path, "fine", "chained", "hidden", "crashes", "leaves", "quits", "noisy", "gone", "writes")
    assert {name: outcome.outcome for name, outcome in done.items()} == {
        "fine": "ok", "chained": "failed", "hidden": "failed", "crashes": "killed", "leaves": "failed",
        "quits": "failed", "noisy": "ok", "gone": "failed", "writes": "ok",
    }  # fmt: skip
    assert done["chained"].error.splitlines() == [
        "ModuleNotFoundError: No module named 'no_such_thing'",
        "RuntimeError: sorry",
    ]
    assert done["hidden"].error == "RuntimeError: only me"
    assert done["crashes"].error == "SIGSEGV"
    assert done["gone"].error == "ModuleNotFoundError: No module named 'gone'"
    assert not (tmp_path / "__pycache__").exists()
    assert not (tmp_path / "here").exists()


def test_an_import_that_does_not_end_is_ended(tmp_path: Path) -> None:
    assert outcomes(tmp_path, "hangs", "fine", timeout=2)["hangs"].outcome == "timeout"


def test_a_python_that_cannot_start_fails_every_import(tmp_path: Path) -> None:
    world = facts(python=Python(command=FsPath(f"{tmp_path}/none"), version="3.11"))
    (done,) = import_each(world, ["x"], jobs=1)
    assert (done.outcome, done.error) == ("failed", "the Python could not be started: No such file or directory")


def test_without_a_python_nothing_is_imported() -> None:
    world = facts()
    assert import_each(replace(world, main=replace(world.main, python=None)), ["x"], jobs=1) == ()

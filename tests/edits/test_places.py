"""Where nothing can be written: a read-only file system and one that is full, as the kernel makes them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edits.patient import a_patient

pytestmark = pytest.mark.skipif(shutil.which("patchelf") is None, reason="needs patchelf")

CHILD = """
import sys
from pathlib import Path
from edits.patient import Patient
from nixpydoctor.edits import EditError
patient = Patient(Path(sys.argv[1]))
before = patient.snapshot()
try:
    patient.apply()
except EditError as error:
    print(error)
assert patient.snapshot() == before
assert not (patient.base / ".nixpydoctor").exists()
print("as it was")
"""


def inside(mount: str, base: Path) -> str:
    """What applying says in a name space of its own in which `mount` was run before."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    tests = str(Path(__file__).parent.parent)
    script = f'set -e; {mount}; PYTHONPATH="{tests}" exec "{sys.executable}" -c "$0" "{base}"'
    told = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", script, CHILD],
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare:" in told.stderr or "mount:" in told.stderr:
        pytest.skip(f"needs name spaces: {told.stderr}")
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_a_read_only_venv(tmp_path: Path) -> None:
    base = a_patient(tmp_path / "venv").base
    said = inside(f'mount --bind -o ro "{base}" "{base}"; mount -o remount,bind,ro "{base}"', base)
    assert "read-only" in said
    assert said.endswith("as it was\n")


def test_a_full_disk(tmp_path: Path) -> None:
    """Room for the wheels and hardly more."""
    base = a_patient(tmp_path / "venv").base
    size = sum(path.stat().st_size for path in base.rglob("*") if path.is_file()) // 1024 + 600
    full = tmp_path / "full"
    full.mkdir()
    mount = f'mount -t tmpfs -o size={size}k none "{full}"; cp -a "{base}" "{full}/venv"'
    said = inside(mount, full / "venv")
    assert "room" in said
    assert said.endswith("as it was\n")

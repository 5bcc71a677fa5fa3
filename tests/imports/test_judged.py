"""A real Python says what becomes of every literal `pkg` whose fate the other modules state."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from _pytest.mark.structures import ParameterSet
from importing import a_table

JUDGE = Path(__file__).with_name("judge.py")
HELP = {
    "other.py": "flag = strict = False\nname = 'libthere.so.1'\nclass Error(Exception): pass\ndef CDLL(name): pass\n"
    "def names(): return []\n",
    "pkg/fine.py": "",
    "pkg/_good.py": "",
    "lazy_loader/__init__.py": "def attach(name, submodules): return None, None, None\n",
}
BROKEN = ["pkg/_ext.abi3.so", "pkg/_other.abi3.so"]
SOUND = {"pkg/_ext.py": "def work(): pass\n", "pkg/_other.py": "", "absent.py": ""}
OPENS = ["libthere.so.1", "libs/libbeside.so"]
GONE = ["libgone.so.1", "libgone.so.2", "libs/libfails.so"]
FINDS = {"there": "libthere.so.1"}


def ended(folder: Path, cases: list[Mapping[str, object]]) -> list[str]:
    """The exceptions that end these imports; empty where one succeeds."""
    asked = [{"broken": [], "opens": OPENS, "finds": FINDS, **case} for case in cases]
    command = [sys.executable, "-I", "-B", str(JUDGE), str(folder)]
    answer = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
    found: list[str] = json.loads(answer.stdout)
    return found


def rows(*tables: str) -> list[ParameterSet]:
    return [row for table in tables for row in a_table(table)]


def wrong(rows: list[ParameterSet], ill: list[str], sound: list[str]) -> dict[str, tuple[str, str]]:
    """Rows that the real Python contradicts: what breaks must fail here alone, what survives must end alike."""
    found = {}
    for row, here, there in zip(rows, ill, sound, strict=True):
        fate = str(row.values[0]).partition(" ")[0]
        agrees = {"breaks": here and here != there, "undecided": True}.get(fate, here == there)
        if not agrees:
            found[str(row.id)] = (here, there)
    return found


def test_a_real_python_agrees_about_imports(tmp_path: Path) -> None:
    table = rows("plain", "tests", "guards", "calls")
    texts = [str(row.values[1]) for row in table]
    ill = ended(tmp_path / "ill", [{"files": {**HELP, "pkg/__init__.py": text}, "broken": BROKEN} for text in texts])
    sound = ended(tmp_path / "sound", [{"files": {**HELP, **SOUND, "pkg/__init__.py": text}} for text in texts])
    assert not wrong(table, ill, sound)


def test_a_real_python_agrees_about_libraries(tmp_path: Path) -> None:
    table = [row for row in rows("openings") if "cffi" not in str(row.id)]
    files = [{**HELP, "pkg/libs/libfails.so": "", "pkg/__init__.py": str(row.values[1])} for row in table]
    ill = ended(tmp_path / "ill", [{"files": one} for one in files])
    everything = {"opens": [*OPENS, *GONE], "finds": {**FINDS, "gone": "libgone.so.1"}}
    sound = ended(tmp_path / "sound", [{"files": one, **everything} for one in files])
    assert not wrong(table, ill, sound)

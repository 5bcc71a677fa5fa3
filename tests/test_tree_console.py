"""`tree`: what a name stands for, and what the graph says, on this machine's own Python and objects."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import tool
from build import a_dist, facts
from nixpydoctor.target import UsageError
from nixpydoctor.tree_console import meant


def tree(*words: str) -> subprocess.CompletedProcess[str]:
    """The command, as a shell runs it."""
    return tool.run("tree", "--color", "never", *words, code=tool.PLAIN)


def test_a_name_is_a_module_a_package_or_a_distribution() -> None:
    world = facts(a_dist("numpy", extensions=("numpy/_core/a.cpython-312-x86_64-linux-gnu.so", "numpy/fft/b.so")))
    first, second = world.main.dists[0].extensions
    assert meant("numpy._core.a", world, "/") == [first]
    assert meant("numpy.fft", world, "/") == [second]
    assert meant("numpy", world, "/") == [first, second]
    for nothing in ("nump", "numpy._core.c"):
        with pytest.raises(UsageError):
            meant(nothing, world, "/")


def test_the_loader_of_this_machine_agrees() -> None:
    """Every object that ldd names for a real extension stands in the tree, and nothing is missing."""
    spec = importlib.util.find_spec("psutil")
    assert spec is not None
    (extension,) = Path(str(spec.origin)).parent.glob("_psutil_linux*.so")
    ended = tree("psutil", "--python", sys.executable)
    assert ended.returncode == 0, ended.stderr
    assert str(extension.name) in ended.stdout
    told = subprocess.run(["ldd", str(extension)], capture_output=True, text=True, check=True).stdout
    needed = [line.split()[0] for line in told.splitlines() if "=>" in line]
    assert needed
    for name in needed:
        assert name in ended.stdout


def test_a_missing_library_is_exit_code_1(tmp_path: Path) -> None:
    """An object built here, whose library was taken away: by its path."""
    (tmp_path / "gone.c").write_text("int gone(void) { return 1; }")
    (tmp_path / "user.c").write_text("int gone(void); int use(void) { return gone(); }")
    gone, user = tmp_path / "libgone.so", tmp_path / "libuser.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", gone, tmp_path / "gone.c"], check=True)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", user, tmp_path / "user.c", f"-L{tmp_path}", "-lgone"], check=True)
    gone.unlink()
    ended = tree(str(user), "--python", sys.executable)
    assert ended.returncode == 1
    assert "✗ libgone.so  not found" in ended.stdout
    for form in ("dot", "mermaid"):
        ended = tree(str(user), "--python", sys.executable, "-f", form)
        assert ended.returncode == 1
        assert "libgone.so" in ended.stdout


def test_a_saved_case_holds_every_graph(tmp_path: Path) -> None:
    """Of each extension, not of broken ones alone; and the picture of a page as well."""
    case = tmp_path / "case.json"
    saved = tool.run("check", "--python", sys.executable, "-q", "--save-facts", str(case), code=tool.PLAIN)
    assert saved.returncode in (0, 1), saved.stderr
    for name in ("psutil", "_ssl"):
        here, there = tree(name, "--python", sys.executable), tree(name, "--facts", str(case))
        assert (there.stdout, there.returncode) == (here.stdout, here.returncode)
    page = tool.run("check", "--facts", str(case), "-f", "html", code=tool.PLAIN).stdout
    assert "<svg " in page


@pytest.mark.parametrize("name", ["no_such_module", "/no/such/file.so", "rich"])
def test_what_has_no_graph_is_a_sentence(name: str) -> None:
    ended = tree(name, "--python", sys.executable)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("nixpydoctor: ")
    assert "Traceback" not in ended.stderr

"""NPD206 speaks where something on the path stands before an installed distribution or the standard library."""

from __future__ import annotations

from build import SITE, a_dist
from nixpydoctor.facts import FsPath, PathEntry
from nixpydoctor.findings import Severity
from nixpydoctor.rules.shadowed_distribution import shadowed_distribution
from paths import case

TREE = PathEntry(FsPath("/home/ada/numpy"), "project", "PYTHONPATH")
COMPILED = "numpy/_core/_multiarray_umath.cpython-312-x86_64-linux-gnu.so"
NUMPY = a_dist(extensions=[COMPILED])
CODE = {"numpy/__init__.py": "from numpy._core import _multiarray_umath\n", "numpy/_core/__init__.py": ""}
INSTALLED = {f"{SITE}/{name}": text for name, text in CODE.items()} | {f"{SITE}/{COMPILED}": ""}
CHECKOUT = {f"{TREE.path}/{name}": text for name, text in CODE.items()}


def test_a_source_tree_without_its_compiled_parts_breaks_the_import() -> None:
    (finding,) = shadowed_distribution.check(case(NUMPY, before=[TREE], files=INSTALLED | CHECKOUT))
    assert (finding.severity, finding.breaks, finding.dist) == (Severity.ERROR, ("numpy",), "numpy")
    assert finding.subject == f"{TREE.path}/numpy"
    assert f"{TREE.path}/numpy hides numpy 2.3.2, whose compiled part it lacks" in finding.message


def test_a_tree_that_was_built_in_place_is_a_note() -> None:
    built = CHECKOUT | {f"{TREE.path}/{COMPILED}": ""}
    (finding,) = shadowed_distribution.check(case(NUMPY, before=[TREE], files=INSTALLED | built))
    assert (finding.severity, finding.breaks) == (Severity.NOTE, ())


def test_a_single_file_in_the_place_of_a_package_is_a_warning() -> None:
    stray = {f"{TREE.path}/numpy.py": "x = 1\n"}
    (finding,) = shadowed_distribution.check(case(NUMPY, before=[TREE], files=INSTALLED | stray))
    assert finding.severity is Severity.WARNING


def test_a_file_in_the_place_of_the_standard_librarys_is_a_note() -> None:
    stray = {f"{TREE.path}/random.py": "", f"{TREE.path}/os.py": "", f"{TREE.path}/sys.py": ""}
    (finding,) = shadowed_distribution.check(case(before=[TREE], files=stray))
    assert (finding.severity, finding.detail) == (Severity.NOTE, "random")
    assert "is what `import random` gets instead of the standard library's" in finding.message


def test_silent_about_folders_without_init_other_distributions_and_a_plain_venv() -> None:
    data = {f"{TREE.path}/numpy/notes.py": ""}
    assert not list(shadowed_distribution.check(case(NUMPY, before=[TREE], files=INSTALLED | data)))
    assert not list(shadowed_distribution.check(case(NUMPY, files=INSTALLED)))

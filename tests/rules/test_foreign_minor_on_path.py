"""NPD203 speaks where a folder of another minor version is on the path, and then NPD202 does not."""

from __future__ import annotations

from build import a_dist
from nixpydoctor.findings import Severity
from nixpydoctor.rules.extension_of_another_python import extension_of_another_python
from nixpydoctor.rules.foreign_minor_on_path import foreign_minor_on_path
from paths import FROM_SHELL, OLD_FROM_SHELL, OLD_SITE, at, case

TAGGED = "numpy/_core/_multiarray_umath.cpython-311-x86_64-linux-gnu.so"
NUMPY = at(OLD_SITE, a_dist("numpy", "1.26.4", foreign=[TAGGED]))
FILES = {
    f"{OLD_SITE}/numpy/__init__.py": "from numpy._core import _multiarray_umath\n",
    f"{OLD_SITE}/numpy/_core/__init__.py": "",
    f"{OLD_SITE}/{TAGGED}": "",
}


def test_an_import_that_fails_of_it_makes_it_an_error_and_is_told_once() -> None:
    sick = case(NUMPY, before=[OLD_FROM_SHELL], files=FILES)
    (finding,) = foreign_minor_on_path.check(sick)
    assert finding.detail == "site-packages of Python 3.11"
    assert (finding.severity, finding.breaks, finding.subject) == (Severity.ERROR, ("numpy",), OLD_SITE)
    assert "3.11" in finding.message
    assert "PYTHONPATH" in finding.message
    assert not list(extension_of_another_python.check(sick))


def test_pure_packages_of_another_minor_are_a_note() -> None:
    pure = at(OLD_SITE, a_dist("toolz", "1.0"))
    (finding,) = foreign_minor_on_path.check(case(pure, before=[OLD_FROM_SHELL]))
    assert finding.severity is Severity.NOTE


def test_silent_about_an_empty_folder_and_about_its_own_minor() -> None:
    assert not list(foreign_minor_on_path.check(case(a_dist(), before=[OLD_FROM_SHELL])))
    assert not list(foreign_minor_on_path.check(case(at(FROM_SHELL.path, a_dist()), before=[FROM_SHELL])))

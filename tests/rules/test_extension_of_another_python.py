"""NPD202 speaks where only extensions for another Python are there."""

from __future__ import annotations

from build import SITE, a_dist, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.findings import Severity
from nixpydoctor.rules.extension_of_another_python import extension_of_another_python

FOREIGN = "numpy/_core/_multiarray_umath.cpython-311-x86_64-linux-gnu.so"


def test_the_tag_and_what_this_python_takes_are_named() -> None:
    (finding,) = extension_of_another_python.check(Case(facts(a_dist(foreign=[FOREIGN]))))
    assert finding.detail == "cpython-311-x86_64-linux-gnu.so"
    assert finding.severity is Severity.NOTE
    assert "3.12.1" in finding.message


def test_an_import_that_reaches_it_makes_it_an_error() -> None:
    world = facts(
        a_dist(foreign=[FOREIGN]),
        objects=[an_object(f"{SITE}/{FOREIGN}", "libc.so.6")],
        sources={
            "numpy/__init__.py": "from numpy._core import _multiarray_umath\n",
            "numpy/_core/__init__.py": "",
        },
    )
    (finding,) = extension_of_another_python.check(Case(world))
    assert finding.breaks == ("numpy",)
    assert finding.severity is Severity.ERROR


def test_silent_without_foreign_extensions() -> None:
    assert not list(extension_of_another_python.check(Case(facts(a_dist()))))

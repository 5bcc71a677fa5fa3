"""NPD201 speaks about imports that were really tried and that no other finding explains."""

from __future__ import annotations

from build import SITE, a_dist, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts, Imported
from nixpydoctor.rules.failing_import import failing_import

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"


def tried(outcome: Imported) -> Facts:
    return facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", "libstdc++.so.6")],
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
        imported=(outcome,),
    )


def test_a_failure_that_nothing_explains_is_its_own_finding() -> None:
    (finding,) = failing_import.check(Case(tried(Imported("numpy", "failed", "TypeError: no"))))
    assert finding.detail == "numpy"
    assert finding.breaks == ("numpy",)
    assert "TypeError: no" in finding.message


def test_a_crash_is_reported() -> None:
    (finding,) = failing_import.check(Case(tried(Imported("numpy", "killed", "signal 11"))))
    assert "was killed" in finding.message


def test_silent_where_a_missing_library_explains_it() -> None:
    said = Imported("numpy", "failed", "ImportError: libstdc++.so.6: cannot open shared object file")
    assert not list(failing_import.check(Case(tried(said))))


def test_silent_about_success_and_where_nothing_was_tried() -> None:
    assert not list(failing_import.check(Case(tried(Imported("numpy", "ok")))))
    assert not list(failing_import.check(Case(facts())))


def test_silent_where_another_pythons_extension_explains_it() -> None:
    foreign = "numpy/_core.cpython-311-x86_64-linux-gnu.so"
    world = facts(
        a_dist(foreign=[foreign]),
        a_dist("pandas", "2.2", requires=("numpy",)),
        objects=[an_object(f"{SITE}/{foreign}")],
        sources={"numpy/__init__.py": "from numpy import _core\n", "pandas/__init__.py": "import numpy\n"},
        imported=(
            Imported("numpy", "failed", "ModuleNotFoundError: No module named 'numpy._core'"),
            Imported("pandas", "failed", "ImportError: Unable to import required dependencies: numpy"),
            Imported("other", "failed", "ModuleNotFoundError: No module named 'numpy._core'"),
        ),
    )
    assert [finding.detail for finding in failing_import.check(Case(world))] == ["other"]

"""NPD308 speaks of modules that RECORD lists and the folder lacks."""

from __future__ import annotations

from build import SITE, a_dist, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Dist, FsPath
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.light import replace
from nixpydoctor.rules.record_mismatch import record_mismatch

GONE = "demo/_core.cpython-312-x86_64-linux-gnu.so"


def said(dist: Dist, sources: dict[str, str] | None = None) -> list[Finding]:
    return list(record_mismatch.check(Case(facts(dist, sources=sources))))


def test_a_distribution_without_its_module_fails() -> None:
    (finding,) = said(replace(a_dist("six", "1.17", top_level=()), lost=("six",)))
    assert finding.detail == "six"
    assert finding.severity is Severity.ERROR
    assert finding.breaks == ("six",)
    assert finding.message == "six 1.17 is installed without its module six"
    assert finding.subject == f"{SITE}/six"


def test_a_folder_of_tests_that_is_gone_is_a_note() -> None:
    (finding,) = said(replace(a_dist("six", "1.17"), lost=("tests",)))
    assert finding.severity is Severity.NOTE
    assert finding.breaks == ()


def test_a_compiled_module_that_is_gone_breaks_what_imports_it() -> None:
    (finding,) = said(a_dist("demo", gone=[GONE]), {"demo/__init__.py": "from . import _core\n"})
    assert (finding.severity, finding.breaks) == (Severity.ERROR, ("demo",))
    assert "without its compiled module _core.cpython-312" in finding.message


def test_a_compiled_module_that_nobody_needs_is_a_note() -> None:
    guarded = "try:\n    from . import _core\nexcept ImportError: pass\n"
    (finding,) = said(a_dist("demo", gone=[GONE]), {"demo/__init__.py": guarded})
    assert finding.severity is Severity.NOTE


def test_a_folder_of_stubs_does_not_stand_in_for_the_compiled_module() -> None:
    sources = {"demo/__init__.py": "from ._core import thing\n", "demo/_core/__init__.pyi": "thing: int\n"}
    (finding,) = said(a_dist("demo", gone=[GONE]), sources)
    assert (finding.severity, finding.breaks) == (Severity.ERROR, ("demo",))


def test_silent_about_bundled_libraries() -> None:
    assert said(a_dist("demo", gone=["demo.libs/libz-0123abcd.so.1"]), {"demo/__init__.py": ""}) == []


def test_silent_where_another_entry_of_the_path_has_the_module() -> None:
    told = facts(replace(a_dist("six", "1.17", top_level=()), lost=("six",)), sources={"six.py": ""})
    elsewhere = replace(told.main.dists[0], location=FsPath("/home/ada/other/site-packages"))
    assert not list(record_mismatch.check(Case(replace(told, main=replace(told.main, dists=(elsewhere,))))))

"""NPD501 says what the loader does with each name of LD_PRELOAD."""

from __future__ import annotations

from build import AARCH64, a_glibc, a_library, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.findings import Severity
from nixpydoctor.rules.preload import preload


def test_a_name_that_leads_nowhere_is_a_note() -> None:
    (finding,) = preload.check(Case(facts(env={"LD_PRELOAD": "/usr/lib/libgone.so"})))
    assert finding.severity is Severity.NOTE
    assert finding.detail == "/usr/lib/libgone.so"


def test_so_is_an_object_for_another_machine() -> None:
    other = an_object("/x/libarm.so", arch=AARCH64)
    (finding,) = preload.check(Case(facts(objects=[other], env={"LD_PRELOAD": " :/x/libarm.so"})))
    assert finding.severity is Severity.NOTE


def test_an_error_where_python_dies_of_it() -> None:
    world = facts(objects=a_glibc("/n", "2.99"), env={"LD_PRELOAD": "/n/lib/libc.so.6"})
    (finding,) = preload.check(Case(world))
    assert finding.severity is Severity.ERROR
    assert "a part of another C library" in finding.message


def test_an_error_where_the_object_needs_what_is_missing() -> None:
    world = facts(objects=[a_library("/x/libmine.so", "libgone.so.1")], env={"LD_PRELOAD": "/x/libmine.so"})
    (finding,) = preload.check(Case(world))
    assert (finding.severity, finding.loads) == (Severity.ERROR, False)


def test_silent_where_it_loads_and_where_python_does_not_start_anyway() -> None:
    fits = a_library("/x/libfits.so", "libc.so.6")
    assert not list(preload.check(Case(facts(objects=[fits], env={"LD_PRELOAD": "/x/libfits.so"}))))
    dead = facts(objects=[fits], env={"LD_PRELOAD": "/x/libfits.so"}, executable_needs=("libgone.so.1",))
    assert not list(preload.check(Case(dead)))
    assert not list(preload.check(Case(facts())))

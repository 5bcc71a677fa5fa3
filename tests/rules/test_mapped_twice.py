"""NPD409 speaks of two files for one library in a running process."""

from __future__ import annotations

from dataclasses import replace

from a_host import LIBPYTHON, PROGRAM, a_host
from build import an_object
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts, FsPath, Running
from nixpydoctor.findings import Severity
from nixpydoctor.rules.mapped_twice import mapped_twice

OTHER = "/usr/lib/libpython3.11.so.1.0"
ONE, TWO = "/opt/a/libz.so.1", "/opt/b/libz.so.1"
LIBRARIES = [
    an_object(OTHER, soname="libpython3.11.so.1.0"),
    an_object(ONE, soname="libz.so.1"),
    an_object(TWO, soname="libz.so.1"),
]


def running(*mapped: str) -> Facts:
    facts = a_host(objects=LIBRARIES)
    return replace(facts, main=replace(facts.main, running=Running(7, tuple(map(FsPath, (PROGRAM, *mapped))))))


def test_two_libpythons_are_a_warning() -> None:
    (finding,) = mapped_twice.check(Case(running(LIBPYTHON, OTHER)))
    assert finding.severity is Severity.WARNING
    assert (finding.detail, finding.loads) == ("libpython", True)
    assert "process 7 has mapped libpython 2 times" in finding.message


def test_two_of_another_library_are_worth_knowing() -> None:
    (finding,) = mapped_twice.check(Case(running(ONE, TWO)))
    assert finding.severity is Severity.NOTE
    assert [place.path for place in finding.evidence] == [ONE, TWO]  # type: ignore[union-attr]


def test_silent_for_one_of_each_and_for_what_does_not_run() -> None:
    assert not list(mapped_twice.check(Case(running(LIBPYTHON, ONE))))
    assert not list(mapped_twice.check(Case(a_host(objects=LIBRARIES))))

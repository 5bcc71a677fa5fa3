"""NPD401 speaks where nothing satisfies the need for libpython, and missing-library then does not."""

from __future__ import annotations

from dataclasses import replace

from a_host import HOST, PROGRAM, a_host
from nixpydoctor.case import Case
from nixpydoctor.rules.libpython_not_found import libpython_not_found
from nixpydoctor.rules.missing_library import missing_library

LOST = replace(HOST, library=None)


def test_a_libpython_that_nobody_has() -> None:
    case = Case(a_host(host=LOST))
    (finding,) = libpython_not_found.check(case)
    assert (finding.subject, finding.detail, finding.loads) == (PROGRAM, "libpython3.12.so.1.0", False)
    assert not list(missing_library.check(case))


def test_silent_where_it_is_found() -> None:
    assert not list(libpython_not_found.check(Case(a_host())))


def test_another_library_of_the_program_is_missing_librarys() -> None:
    case = Case(a_host(needed=("libpython3.12.so.1.0", "libgone.so.1", "libc.so.6")))
    assert not list(libpython_not_found.check(case))
    (finding,) = missing_library.check(case)
    assert finding.message.startswith("the program cannot start")

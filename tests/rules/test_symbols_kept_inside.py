"""NPD403 speaks of a program that contains Python and hides it from extension modules."""

from __future__ import annotations

from dataclasses import replace

from a_host import HOST, PROGRAM, a_host
from build import SITE, a_dist
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath
from nixpydoctor.rules.symbols_kept_inside import symbols_kept_inside

INSIDE = replace(HOST, needed=None, library=PROGRAM, exports=False)
EXTENSION = FsPath(f"{SITE}/numpy/_core/_multiarray_umath.cpython-312-x86_64-linux-gnu.so")


def test_no_extension_can_be_loaded() -> None:
    (finding,) = symbols_kept_inside.check(Case(a_host(a_dist("numpy", extensions=[EXTENSION]), host=INSIDE)))
    assert finding.detail == "PyModule_Create2"
    assert finding.subject == PROGRAM
    assert "none of 1 extension modules" in finding.message


def test_silent_where_they_are_exported_or_nobody_needs_them() -> None:
    assert not list(symbols_kept_inside.check(Case(a_host(a_dist("numpy", extensions=[EXTENSION])))))
    assert not list(symbols_kept_inside.check(Case(a_host(host=INSIDE))))

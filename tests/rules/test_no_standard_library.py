"""NPD406 speaks where neither PATH nor the compiled-in prefix leads to a standard library."""

from __future__ import annotations

from dataclasses import replace

from a_host import HOST, a_host
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath
from nixpydoctor.rules.no_standard_library import no_standard_library

MOVED = replace(HOST, stdlib=False, prefix=FsPath("/install"))


def test_a_prefix_that_does_not_exist() -> None:
    (finding,) = no_standard_library.check(Case(a_host(host=MOVED, prefix="/install")))
    assert finding.detail == "3.12"
    assert not finding.loads
    assert finding.message.endswith("no standard library of 3.12 below /install")


def test_a_pythonhome_that_leads_astray_is_another_finding() -> None:
    assert not list(no_standard_library.check(Case(a_host(host=MOVED, env={"PYTHONHOME": "/home/ada/.venv"}))))


def test_silent_where_there_is_one() -> None:
    assert not list(no_standard_library.check(Case(a_host())))

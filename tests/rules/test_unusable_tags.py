"""NPD309 speaks of wheels that no installer would choose for this Python."""

from __future__ import annotations

import pytest

from build import SUFFIXES, a_dist, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Python
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.light import replace
from nixpydoctor.rules.unusable_tags import unusable_tags

PYTHON = Python(FsPath("/usr/bin/python3"), "3.12.1", suffixes=SUFFIXES, machine="x86_64")


def said(*tags: str, extensions: tuple[str, ...] = ()) -> list[Finding]:
    dist = replace(a_dist("demo", "1.0", extensions=extensions), tags=tags)
    return list(unusable_tags.check(Case(facts(dist, python=PYTHON))))


@pytest.mark.parametrize(
    "tag",
    [
        "cp311-cp311-manylinux_2_17_x86_64",
        "cp311-none-any",
        "py2-none-any",
        "py314-none-any",
        "cp313-abi3-manylinux_2_17_x86_64",
        "py3-none-macosx_11_0_arm64",
        "py3-none-win_amd64",
        "py3-none-manylinux_2_17_aarch64",
        "pp39-pypy39_pp73-manylinux_2_17_x86_64",
    ],
)
def test_a_wheel_for_something_else_is_a_note(tag: str) -> None:
    (finding,) = said(tag)
    assert finding.severity is Severity.NOTE
    assert tag in finding.message


@pytest.mark.parametrize("tag", ["py3-none-any", "py2.py3-none-any", "cp39-abi3-manylinux_2_17_x86_64", "no tag", ""])
def test_silent_for_what_fits(tag: str) -> None:
    assert said(tag) == []


def test_one_tag_that_fits_is_enough() -> None:
    assert said("py2-none-any", "py3-none-any") == []


def test_silent_where_extensions_tell_more() -> None:
    assert said("cp311-cp311-linux_x86_64", extensions=("demo.cpython-312-x86_64-linux-gnu.so",)) == []

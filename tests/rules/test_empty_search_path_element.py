"""NPD506 finds the parts of a search path that mean the current folder."""

from __future__ import annotations

import pytest

from build import facts
from nixpydoctor.case import Case
from nixpydoctor.rules.empty_search_path_element import empty_search_path_element


@pytest.mark.parametrize(
    ("name", "value", "details"),
    [
        ("LD_LIBRARY_PATH", ":/a", ["LD_LIBRARY_PATH"]),
        ("LD_LIBRARY_PATH", "/a;", ["LD_LIBRARY_PATH"]),
        ("LD_LIBRARY_PATH", "/a::/b:lib", ["LD_LIBRARY_PATH", "LD_LIBRARY_PATH lib"]),
        ("PYTHONPATH", "/a:", ["PYTHONPATH"]),
        ("PYTHONPATH", "src", ["PYTHONPATH src"]),
    ],
)
def test_each_such_part_is_told_once(name: str, value: str, details: list[str]) -> None:
    findings = list(empty_search_path_element.check(Case(facts(env={name: value}))))
    assert [finding.detail for finding in findings] == details
    assert all(finding.message.startswith(f"{name} has ") for finding in findings)


@pytest.mark.parametrize("value", ["", "/a", "/a:/b", "$ORIGIN/x:${ORIGIN}/y"])
def test_silent_where_every_part_is_absolute_and_where_the_variable_is_empty(value: str) -> None:
    assert not list(empty_search_path_element.check(Case(facts(env={"LD_LIBRARY_PATH": value}))))

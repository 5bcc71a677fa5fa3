"""What the lab's scenarios really print leads to the right rule first, whatever a paste did to it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Set
from pathlib import Path

import pytest

from nixpydoctor.explain.answer import explain
from nixpydoctor.rules import RULES
from nixpydoctor.symptoms import read
from symptoms.mangling import MANGLINGS, last_line

SAID = tomllib.loads(Path(__file__).with_name("lab.toml").read_text(encoding="utf-8"))

SAME_WORDS = {
    "a_venv_does_not_see_its_nix_environment",
    "a_wheel_for_another_system",
    "a_wrapper_hides_the_name_of_a_venv",
    "an_editable_install_was_moved_away",
    "an_installation_lost_its_modules",
    "another_minors_packages_leak_from_a_shell",
    "pip_says_installed_and_the_import_fails",
    "the_variables_of_a_nix_environment_do_nothing_in_a_venv",
}
"""Python says the same for several causes: only a look at the machine decides, which the lab takes."""
SAME_END = {"a_source_tree_stands_before_numpy", "wheels_of_another_minor_stand_on_pythonpath"}
"""The last line of numpy's text is the same for every cause."""
NO_END = {"two_versions_are_installed_in_one_folder"}
"""The last line tells nothing."""


def causes(text: str) -> list[str]:
    """The rules that a text alone speaks of."""
    return [cause.rule.id for cause in explain(read(text, RULES), RULES).causes]


def misled(mangle: Callable[[str], str], names: Iterable[str], same: Set[str]) -> dict[str, list[str]]:
    """Scenarios whose text leads elsewhere, and where to. Of `same`, the right rule need not come first."""
    found = {name: causes(mangle(SAID[name]["said"])) for name in names}
    held = {name: set(told if name in same else told[:1]) & set(SAID[name]["rules"]) for name, told in found.items()}
    return {name: told for name, told in found.items() if not held[name]}


@pytest.mark.parametrize("mangling", MANGLINGS)
def test_the_right_rule_comes_first(mangling: str) -> None:
    assert misled(MANGLINGS[mangling], SAID, SAME_WORDS) == {}


def test_the_last_line_alone_is_enough() -> None:
    assert misled(last_line, set(SAID) - NO_END, SAME_WORDS | SAME_END) == {}


def test_most_texts_decide_by_themselves() -> None:
    assert len(SAID) - len(SAME_WORDS | SAME_END) >= 38

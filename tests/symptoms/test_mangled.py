"""What the lab's scenarios really print leads to the right rule first, whatever a paste did to it."""

from __future__ import annotations

import tomllib
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


@pytest.mark.parametrize("mangling", MANGLINGS)
@pytest.mark.parametrize("name", SAID)
def test_the_right_rule_comes_first(name: str, mangling: str) -> None:
    found = causes(MANGLINGS[mangling](SAID[name]["said"]))
    assert set(found if name in SAME_WORDS else found[:1]) & set(SAID[name]["rules"])


@pytest.mark.parametrize("name", sorted(set(SAID) - NO_END))
def test_the_last_line_alone_is_enough(name: str) -> None:
    found = causes(last_line(SAID[name]["said"]))
    assert set(found if name in SAME_WORDS | SAME_END else found[:1]) & set(SAID[name]["rules"])


def test_most_texts_decide_by_themselves() -> None:
    assert len(SAID) - len(SAME_WORDS | SAME_END) >= 38

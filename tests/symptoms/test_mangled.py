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

UNDECIDED = {"wheels_of_another_minor_stand_on_pythonpath"}
"""The last line of numpy's text is the same for every cause: only a look at the machine decides (tests/lab)."""


def first(text: str) -> str:
    """The likeliest rule."""
    return next((cause.rule.id for cause in explain(read(text, RULES), RULES).causes), "none")


@pytest.mark.parametrize("mangling", MANGLINGS)
@pytest.mark.parametrize("name", SAID)
def test_the_right_rule_comes_first(name: str, mangling: str) -> None:
    assert first(MANGLINGS[mangling](SAID[name]["said"])) in SAID[name]["rules"]


@pytest.mark.parametrize("name", sorted(set(SAID) - UNDECIDED))
def test_the_last_line_alone_is_enough(name: str) -> None:
    assert first(last_line(SAID[name]["said"])) in SAID[name]["rules"]


@pytest.mark.parametrize("name", sorted(UNDECIDED))
def test_where_the_last_line_cannot_tell_the_right_rule_is_among_the_causes(name: str) -> None:
    causes = [cause.rule.id for cause in explain(read(last_line(SAID[name]["said"]), RULES), RULES).causes]
    assert set(causes) & set(SAID[name]["rules"])

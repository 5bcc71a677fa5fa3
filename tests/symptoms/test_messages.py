"""Real messages lead to their cause, foreign ones nowhere, and nothing harmful is ever recommended."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from nixpydoctor.explain.answer import Explanation, explain
from nixpydoctor.report import as_explanation
from nixpydoctor.report.view import View
from nixpydoctor.rules import RULES
from nixpydoctor.symptoms import read

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text(encoding="utf-8"))
CAUSES = [(cause, text) for cause, texts in CASES["causes"].items() for text in texts]
MESSAGES = [(name, text) for name, texts in CASES["messages"].items() for text in texts]

HARMFUL = (
    r"PYTHONHOME=\S*venv",
    r"--break-system-packages",
    r"LD_LIBRARY_PATH=\S*/usr/lib",
    r"LD_LIBRARY_PATH=\S*glibc",
    r"buildFHSUserEnv\b(?! is called)",
    r"poetry2nix",
    r"chmod \+x",
    r"verify=False",
    r"ln -s",
)
"""What must never stand among what to do."""


def explained(text: str) -> Explanation:
    return explain(read(text, RULES), RULES)


def test_there_are_enough_of_them() -> None:
    assert len(CAUSES) + len(MESSAGES) >= 60
    assert len(CASES["foreign"]["texts"]) >= 15


@pytest.mark.parametrize(("cause", "text"), CAUSES, ids=[text[:60] for _, text in CAUSES])
def test_a_real_message_leads_to_its_cause_first(cause: str, text: str) -> None:
    explanation = explained(text)
    assert [one.rule.name for one in explanation.causes][:1] == [cause], explanation.told.decisive
    assert explanation.meanings


@pytest.mark.parametrize(("name", "text"), MESSAGES, ids=[text[:60] for _, text in MESSAGES])
def test_a_message_that_no_rule_examines_has_an_answer_of_its_own(name: str, text: str) -> None:
    explanation = explained(text)
    sign = explanation.told.decisive
    assert sign is not None
    assert sign.message is not None
    assert sign.message.name == name
    assert explanation.meanings
    assert explanation.helps or explanation.decide


@pytest.mark.parametrize("text", CASES["foreign"]["texts"], ids=lambda text: text[:60])
def test_a_text_of_another_field_is_called_so(text: str) -> None:
    explanation = explained(text)
    assert explanation.foreign
    assert not explanation.causes
    said = as_explanation.render(explanation, View())
    assert "not about libraries" in said or "Nothing in this text" in said
    assert "NPD" not in said


@pytest.mark.parametrize("text", CASES["foreign"]["requirements"])
def test_a_module_that_is_not_installed_is_called_so(text: str) -> None:
    explanation = explained(text)
    sign = explanation.told.decisive
    assert sign is not None
    assert sign.message is not None
    assert sign.message.name == "requirement-missing"
    assert "not installed" in as_explanation.render(explanation, View())


@pytest.mark.parametrize(("cause", "text"), [*CAUSES, *MESSAGES], ids=[text[:60] for _, text in [*CAUSES, *MESSAGES]])
def test_no_harmful_advice_stands_among_what_to_do(cause: str, text: str) -> None:
    said = as_explanation.render(explained(text), View())
    recommended = said.partition("Often advised, and wrong here")[0]
    assert [harm for harm in HARMFUL if re.search(harm, recommended)] == []

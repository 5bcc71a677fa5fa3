"""What is known of messages is consistent: with itself, with the rules, and with how the answers are put together."""

from __future__ import annotations

import re

import pytest

from nixpydoctor.explain.answer import explain
from nixpydoctor.knowledge.advice import wrong
from nixpydoctor.knowledge.messages import Message, messages
from nixpydoctor.rules import RULES
from nixpydoctor.symptoms import read
from nixpydoctor.symptoms.literals import literals

ABOUT = {"loading", "imports", "venv", "nix", "gpu", "macos", "embedding", "look-alike", "requirement", "other"}
NAMES = {"soname", "path", "module", "symbol", "program", "version", "known", "have"}
RULE_NAMES = {rule.name for rule in RULES}


def test_names_are_given_once() -> None:
    names = [message.name for message in messages()]
    assert len(names) == len(set(names))
    assert not set(names) & RULE_NAMES


@pytest.mark.parametrize("message", messages(), ids=lambda message: message.name)
def test_a_message_is_found_by_each_of_its_examples(message: Message) -> None:
    for example in message.examples:
        sign = read(example, RULES).decisive
        assert sign is not None
        assert sign.message is message


@pytest.mark.parametrize("message", messages(), ids=lambda message: message.name)
def test_each_pattern_is_shown_and_can_be_searched_for(message: Message) -> None:
    assert message.about in ABOUT
    for pattern in message.patterns:
        assert set(re.compile(pattern).groupindex) <= NAMES
        assert min(map(len, literals(pattern)), default=0) >= 4, pattern


@pytest.mark.parametrize("message", messages(), ids=lambda message: message.name)
def test_the_rules_of_a_message_exist(message: Message) -> None:
    assert {name for meaning in message.meanings for name in meaning.rules} <= RULE_NAMES


@pytest.mark.parametrize("message", messages(), ids=lambda message: message.name)
def test_an_answer_has_no_hole(message: Message) -> None:
    """Whatever the text does not say is said in words; what it says stands in its place."""
    for text in (*message.examples, message.name):
        told = read(text, RULES)
        if told.decisive is None or told.decisive.message is not message:
            continue
        explanation = explain(told, RULES)
        said = " ".join([*(text for _, text in explanation.meanings), explanation.helps, explanation.decide])
        assert not re.search(r"(?<!\$)\{(?:soname|path|module|symbol|program|version|known)\}", said), said


@pytest.mark.parametrize("message", messages(), ids=lambda message: message.name)
def test_prose_is_short_sentences(message: Message) -> None:
    for meaning in message.meanings:
        assert meaning.text.endswith(".")
        assert max(map(len, re.split(r"(?<=[.:;])\s", meaning.text))) < 220


def test_advice_is_about_what_exists_and_says_why() -> None:
    names = {message.name for message in messages()} | RULE_NAMES
    known = {one for name in names for one in wrong([name], None)}
    assert len(known) >= 30
    for one in known:
        assert set(one.about) <= names, set(one.about) - names
        assert one.where in ("any", "store", "elsewhere")
        assert one.says[0].islower() or one.says.startswith(("LD_", "PYTHON"))
        assert not one.says.endswith(".")
        assert not one.why.endswith(".")


def test_advice_depends_on_whose_python_it_is() -> None:
    says = {place: {one.says for one in wrong(["missing-library"], place)} for place in (True, False, None)}
    assert "enable programs.nix-ld" in says[True]
    assert "enable programs.nix-ld" not in says[False]
    assert says[True] <= says[None]

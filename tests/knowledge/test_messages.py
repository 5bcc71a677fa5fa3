"""What is known of messages is consistent: with itself, with the rules, and with how the answers are put together."""

from __future__ import annotations

import re

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


def found(text: str) -> Message | None:
    """The message that decides what a text says."""
    sign = read(text, RULES).decisive
    return sign.message if sign is not None else None


def test_a_message_is_found_by_each_of_its_examples() -> None:
    examples = [(message, example) for message in messages() for example in message.examples]
    assert len(examples) >= len(messages()) >= 100
    assert [(message.name, example) for message, example in examples if found(example) is not message] == []


def test_each_message_is_of_a_field_that_is_known() -> None:
    assert {message.about for message in messages()} <= ABOUT


def test_each_pattern_names_what_is_known_and_can_be_searched_for() -> None:
    for pattern in [pattern for message in messages() for pattern in message.patterns]:
        assert set(re.compile(pattern).groupindex) <= NAMES, pattern
        assert min(map(len, literals(pattern)), default=0) >= 4, pattern


def test_the_rules_of_a_message_exist() -> None:
    named = {name for message in messages() for meaning in message.meanings for name in meaning.rules}
    assert named - RULE_NAMES == set()


def test_an_answer_has_no_hole() -> None:
    """Whatever the text does not say is said in words; what it says stands in its place."""
    for text in [text for message in messages() for text in (*message.examples, message.name)]:
        told = read(text, RULES)
        if told.decisive is None or told.decisive.message is None:
            continue
        explanation = explain(told, RULES)
        said = " ".join([*(text for _, text in explanation.meanings), explanation.helps, explanation.decide])
        assert not re.search(r"(?<!\$)\{(?:soname|path|module|symbol|program|version|known)\}", said), said


def test_prose_is_short_sentences() -> None:
    for text in [meaning.text for message in messages() for meaning in message.meanings]:
        assert text.endswith("."), text
        assert max(map(len, re.split(r"(?<=[.:;])\s", text))) < 220, text


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

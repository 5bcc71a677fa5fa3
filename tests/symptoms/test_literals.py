"""A string that is promised is in every match: else a message would be passed over in silence."""

from __future__ import annotations

import re

import pytest

from nixpydoctor.knowledge.messages import messages
from nixpydoctor.rules import RULES
from nixpydoctor.symptoms import shown_symptoms
from nixpydoctor.symptoms.literals import literals

SHOWN = [
    *((symptom, line) for rule in RULES for symptom in rule.symptoms for line in shown_symptoms(rule.page)),
    *((pattern, line) for message in messages() for pattern in message.patterns for line in message.examples),
]


@pytest.mark.parametrize(
    ("pattern", "promised"),
    [
        (r"abc", ("abc",)),
        (r"ab?c", ("a",)),
        (r"abc+de", ("abc",)),
        (r"(?P<x>\S+): cannot open", (": cannot open",)),
        (r"(?:ones|other) go", ("ones", "other")),
        (r"(?:one|\d+) way", (" way",)),
        (r"one|other", ("one", "other")),
        (r"one|\d+", ()),
        (r"a(?:bcdef)?g", ("a",)),
        (r"a(?:bcdef){2}g", ("bcdef",)),
        (r"a(?:bcdef){0,2}g", ("a",)),
        (r"[abc]+defg", ("defg",)),
        (r"[]x]+defg[^]y]z", ("defg",)),
        (r"(?<!abcdef)g\.so(?=xyzabc)", ("g.so",)),
        (r"\d\w\s", ()),
        (r"x\(y\)\|", ("x(y)|",)),
    ],
)
def test_the_longest_sure_strings_are_promised(pattern: str, promised: tuple[str, ...]) -> None:
    assert literals(pattern) == promised


def test_every_match_in_the_catalogue_holds_what_was_promised() -> None:
    seen = 0
    for pattern, line in SHOWN:
        found = re.search(pattern, line)
        if found is not None:
            seen += 1
            assert any(text in found[0] for text in literals(pattern)), (pattern, line)
    assert seen > 200

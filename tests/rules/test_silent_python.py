"""NPD902 speaks where a Python that should start gave no usable answer."""

from __future__ import annotations

from build import STORE_PYTHON, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts, Python
from nixpydoctor.rules.silent_python import silent_python


def answering(answered: bool) -> Facts:
    silence = None if answered else "it did not answer within 10 seconds"
    return facts(python=Python(STORE_PYTHON, "3.12", basis="read", silence=silence, answered=answered))


def test_a_python_that_hangs_is_said_with_the_reason() -> None:
    (finding,) = silent_python.check(Case(answering(False)))
    assert finding.detail == "no answer"
    assert "within 10 seconds" in finding.message
    assert not any(isinstance(item, Python) for item in finding.evidence)  # in words, the reason once more


def test_silent_about_a_python_that_answered() -> None:
    assert not list(silent_python.check(Case(answering(True))))

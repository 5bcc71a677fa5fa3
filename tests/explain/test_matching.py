"""A cause is confirmed by a finding about the same thing, and by no other."""

from __future__ import annotations

import pytest

from build import SITE, a_dist, an_object, facts
from nixpydoctor.doctor import Diagnosis, diagnose
from nixpydoctor.explain.answer import Explanation, explain
from nixpydoctor.rules import RULES
from nixpydoctor.symptoms import read

CORE = "numpy/_core.cpython-312-x86_64-linux-gnu.so"
NUMPY = "numpy/_core/_multiarray_umath.cpython-312-x86_64-linux-gnu.so"


def machine(*needed: str, version: str = "2.2.6") -> Diagnosis:
    """A venv with numpy, whose extension needs libraries that are missing."""
    dist = a_dist("numpy", version, extensions=(NUMPY,))
    return diagnose(
        facts(
            dist,
            objects=[an_object(f"{SITE}/{NUMPY}", *needed, "libc.so.6")],
            sources={"numpy/__init__.py": "from numpy._core import _multiarray_umath", "numpy/_core/__init__.py": ""},
        )
    )


def explained(text: str, looked: Diagnosis) -> Explanation:
    return explain(read(text, RULES), RULES, looked)


def confirmed(text: str, looked: Diagnosis) -> list[str]:
    return [cause.rule.name for cause in explained(text, looked).confirmed]


def missing(soname: str) -> str:
    return f"ImportError: {soname}: cannot open shared object file: No such file or directory"


def test_the_library_of_the_text_must_be_the_one_that_is_missing() -> None:
    assert confirmed(missing("libz.so.1"), machine("libz.so.1")) == ["missing-library"]
    assert confirmed(missing("libz.so.1"), machine("libstdc++.so.6")) == []
    assert confirmed(missing("libz.so"), machine("libz.so.1")) == []


def test_only_the_findings_about_it_are_shown() -> None:
    (cause,) = explained(missing("libz.so.1"), machine("libz.so.1", "libexpat.so.1")).confirmed
    assert {finding.detail for finding in cause.findings} == {"libz.so.1"}


MASK = "ImportError: Error importing numpy: you should not try to import numpy from its source directory"


def test_a_text_that_names_no_library_is_matched_by_the_module_that_fails() -> None:
    assert confirmed(MASK, machine("libz.so.1")) == ["missing-library"]


def test_a_healthy_machine_confirms_nothing() -> None:
    for text in (MASK, missing("libz.so.1"), "Segmentation fault", "exit code 127"):
        assert confirmed(text, machine()) == []


def test_numpys_version_on_the_machine_decides_what_its_sentence_means() -> None:
    for version, word in (("2.2.6", "nothing to do with it"), ("2.4.0", "means what it says again")):
        ((_, text),) = explained(MASK, machine(version=version)).meanings
        assert word in text


def test_the_version_of_the_text_counts_for_more_than_the_machines() -> None:
    ((_, text),) = explained(f'* The NumPy version is: "1.24.0"\n{MASK}', machine(version="2.4.0")).meanings
    assert "before 1.25" in text


@pytest.mark.parametrize("text", ["SyntaxError: invalid syntax", "TypeError: x", "hello"])
def test_a_foreign_text_is_never_confirmed(text: str) -> None:
    assert explained(text, machine("libz.so.1")).causes == ()


def test_what_the_machine_refuses_is_not_repeated_as_general_advice() -> None:
    looked = machine("libz.so.1")
    assert any(refusal.remedy.name == "nix-ld" for refusal in looked.not_offered)
    assert not any(
        "nix-ld" in advice.says and "glibc" not in advice.says
        for advice in explained(missing("libz.so.1"), looked).wrong
    )


def test_what_only_hides_a_message_adds_no_causes_and_no_advice_to_it() -> None:
    """A library is missing: then nothing may say that none is."""
    explanation = explain(read(f"{missing('libz.so.1')}\n{MASK}", RULES), RULES)
    assert [cause.rule.name for cause in explanation.causes] == ["missing-library"]
    assert not any("no library is missing" in advice.why for advice in explanation.wrong)

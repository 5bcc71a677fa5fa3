"""Whole runs, replayed from facts files of real environments: what users see changes only on purpose.

Each folder of `cases` holds `facts.json.gz` and the reports that belong to it; `pytest --update-golden` writes those.
`cases/record.py` makes a new case.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from nixpydoctor import __version__, gate, replay
from nixpydoctor.doctor import Diagnosis, diagnose
from nixpydoctor.findings import Severity
from nixpydoctor.report import as_concise, as_json, as_text
from nixpydoctor.report.view import View

CASES = sorted(path.parent for path in Path(__file__).with_name("cases").glob("*/facts.json*"))
FORMS = ("report.txt", "narrow.txt", "concise.txt", "report.json")
LARGE = 100_000
"""Characters above which nobody reads a difference: such a report is held by the schema and by its shorter forms."""


@cache
def diagnosis(case: Path) -> Diagnosis:
    """The case's diagnosis, made once."""
    (file,) = case.glob("facts.json*")
    return diagnose(replay.load(file.read_bytes()))


def rendered(case: Path, form: str) -> str:
    """One report of a case, with the exit code in its last line."""
    found = diagnosis(case)
    home = found.facts.home
    if form == "report.json":
        return as_json.render(found).replace(f'"version": "{__version__}"', '"version": "0"', 1)
    if form == "concise.txt":
        return as_concise.render(found) + f"exit {gate.exit_code(found, Severity.ERROR)}\n"
    width = 100 if form == "report.txt" else 40
    return as_text.render(found, View(width=width, wrap=True, home=home))


def test_there_are_cases() -> None:
    assert CASES


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_report_is_the_expected_one(case: Path, form: str, update_golden: bool) -> None:
    text, expected = rendered(case, form), case / form
    if len(text) > LARGE:
        assert not expected.exists(), "too large to be a golden file"
        return
    if update_golden:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_report_keeps_to_the_schema(case: Path) -> None:
    Draft202012Validator(as_json.schema()).validate(json.loads(as_json.render(diagnosis(case))))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_file_holds_every_answer(case: Path) -> None:
    """No rule met a question that was not recorded, and none failed."""
    found = diagnosis(case)
    assert [finding.message for finding in found.findings if finding.rule.id == "NPD903"] == []
    assert found.faults == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_report_is_one_screen(case: Path) -> None:
    assert rendered(case, "report.txt").count("\n") <= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_saving_a_replayed_case_again_changes_nothing(case: Path) -> None:
    facts = diagnosis(case).facts
    again = replay.load(replay.dump(facts))
    assert again.disk.recorded() == facts.disk.recorded()

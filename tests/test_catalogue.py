"""What belongs to a rule or a remedy is all there: listed, explained on a page, tested, and its symptoms lead to it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import nixpydoctor
from nixpydoctor.explain.answer import explain
from nixpydoctor.findings import Rule
from nixpydoctor.remedies import REMEDIES
from nixpydoctor.rules import RETIRED, RULES
from nixpydoctor.symptoms import read, shown_symptoms
from nixpydoctor.symptoms.literals import literals
from nixpydoctor.treatments import Remedy

ROOT = Path(nixpydoctor.__file__).parent
TESTS = Path(__file__).parent
SHARED = {
    "__init__",
    "bindings",
    "c_libraries",
    "candidates",
    "common",
    "dyld",
    "embedding",
    "container_of_a_host",
    "forms",
    "hosts",
    "in_front",
    "locked",
    "lost",
    "nix_ld_list",
    "nix_texts",
    "replaced",
    "venvs",
    "wrapped",
}

RULE_HEADINGS = ["What it means", "Symptoms", "Why it happens", "What to do", "References"]
REMEDY_HEADINGS = ["What it does", "When it helps", "What it costs", "How", "References"]

ENTRIES: list[Rule | Remedy] = [*RULES, *REMEDIES]


def _kind(entry: Rule | Remedy) -> str:
    return "rules" if isinstance(entry, Rule) else "remedies"


def _stem(entry: Rule | Remedy) -> str:
    return entry.module.rpartition(".")[2]


def _page_path(entry: Rule | Remedy) -> Path:
    return ROOT / _kind(entry) / f"{_stem(entry)}.md"


def _page(entry: Rule | Remedy) -> str:
    path = _page_path(entry)
    assert path.is_file(), f"{entry.name} has no page: write {path.relative_to(ROOT)}"
    return entry.page


def _sections(page: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _fenced(text: str) -> list[str]:
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("kind", ["rules", "remedies"])
def test_every_module_is_listed(kind: str) -> None:
    listed = {_stem(entry) for entry in ENTRIES if _kind(entry) == kind}
    written = {path.stem for path in (ROOT / kind).glob("*.py")} - SHARED
    assert not written - listed, f"{', '.join(sorted(written - listed))}: not listed in {kind}/__init__.py"


@pytest.mark.parametrize("kind", ["rules", "remedies"])
def test_no_page_is_left_over(kind: str) -> None:
    listed = {_stem(entry) for entry in ENTRIES if _kind(entry) == kind}
    pages = {path.stem for path in (ROOT / kind).glob("*.md")}
    assert not pages - listed, f"{', '.join(sorted(pages - listed))}: a page without its {kind} module"


def test_ids_are_given_once_and_never_again() -> None:
    counted = Counter(rule.id for rule in RULES)
    assert [rule_id for rule_id, times in counted.items() if times > 1] == []
    assert not RETIRED & set(counted), "a retired id is in use again: give the rule a new one"


def test_names_are_given_once() -> None:
    counted = Counter(entry.name for entry in ENTRIES)
    assert [name for name, times in counted.items() if times > 1] == []


def test_an_id_tells_its_family() -> None:
    """One of the families that the design knows."""
    assert [rule.id for rule in RULES if not re.fullmatch(r"NPD[1-79]\d\d", rule.id)] == []


def test_module_and_name_agree() -> None:
    assert [entry.name for entry in ENTRIES if _stem(entry) != entry.name.replace("-", "_")] == []


def test_a_title_is_no_sentence() -> None:
    """It begins with a small letter and ends without a full stop."""
    assert [entry.name for entry in ENTRIES if not entry.title[0].islower() or entry.title.endswith(".")] == []


def test_a_test_exists() -> None:
    wanted = [TESTS / _kind(entry) / f"test_{_stem(entry)}.py" for entry in ENTRIES]
    gone = [str(path.relative_to(TESTS.parent)) for path in wanted if not path.is_file()]
    assert not gone, f"not tested: write {', '.join(gone)}"


def test_every_rule_is_seen_to_speak_and_to_be_silent() -> None:
    for rule in RULES:
        file = TESTS / "rules" / f"test_{_stem(rule)}.py"
        silent = {name.startswith("silent") for name in re.findall(r"^def test_(\w+)", file.read_text("utf-8"), re.M)}
        assert silent == {True, False}, f"{file.name} wants a test_silent_… and one in which {rule.name} speaks"


def test_the_page_begins_with_what_it_is_about() -> None:
    for entry in ENTRIES:
        prefix = f"{entry.id} " if isinstance(entry, Rule) else ""
        assert _page(entry).splitlines()[0] == f"# {prefix}{entry.name}: {entry.title}"


def test_the_page_has_its_headings_in_order_and_something_under_each() -> None:
    for entry in ENTRIES:
        sections = _sections(_page(entry))
        headings = RULE_HEADINGS if isinstance(entry, Rule) else REMEDY_HEADINGS
        assert list(sections) == headings, f"the page of {entry.name} has other headings"
        empty = [heading for heading, text in sections.items() if not text.strip()]
        assert not empty, f"the page of {entry.name} says nothing under {empty[0]}"


def test_links_between_pages_lead_somewhere() -> None:
    links = [(entry, target) for entry in ENTRIES for target in re.findall(r"\]\(([^)#]+)[^)]*\)", _page(entry))]
    assert links
    for entry, target in links:
        if "://" not in target:
            assert (_page_path(entry).parent / target).is_file(), f"the page of {entry.name} links to {target}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_line_of_symptoms_leads_to_its_rule(rule: Rule) -> None:
    """Through the same engine that explains a pasted text: the rule is among the causes that it names."""
    lines = list(shown_symptoms(_page(rule)))
    assert lines, f"the page of {rule.name} shows no message under Symptoms"
    assert lines == _fenced(_sections(_page(rule))["Symptoms"])
    for line in lines:
        explanation = explain(read(line, RULES), RULES)
        named = [cause.rule.name for cause in explanation.causes]
        assert rule.name in named, f"{line!r} leads to {', '.join(named) or 'nothing'} and not to {rule.name}"


def test_each_symptom_holds_a_string_that_can_be_searched_for() -> None:
    """A regular expression is only tried where such a string stands: else a long log would take for ever."""
    for rule, symptom in _symptoms():
        re.compile(symptom)
        assert min(map(len, literals(symptom)), default=0) >= 4, f"{rule.name}: no string is sure to be in {symptom}"


def _symptoms() -> list[tuple[Rule, str]]:
    return [(rule, symptom) for rule in RULES for symptom in rule.symptoms]


def test_each_symptom_is_shown_on_the_page() -> None:
    assert _symptoms()
    for rule, symptom in _symptoms():
        lines = _fenced(_sections(_page(rule))["Symptoms"])
        assert any(re.search(symptom, line) for line in lines), f"the page of {rule.name} shows no line for {symptom}"


@pytest.mark.parametrize("kind", ["rules", "remedies"])
def test_the_documentation_shows_the_pages_where_they_are(kind: str) -> None:
    link = TESTS.parent / "docs" / kind
    assert link.resolve() == ROOT / kind, f"docs/{kind} does not lead to the pages beside the code"

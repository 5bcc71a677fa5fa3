"""Reports for platforms: valid by the platforms' own schemas, each finding at a line that a person would edit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from jsonschema import Draft4Validator
from jsonschema.validators import validator_for

from build import SITE, a_dist, facts
from diagnoses import a_diagnosis, a_missing
from nixpydoctor import workflow
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import Diagnosis, Fault
from nixpydoctor.facts import FsPath, Project
from nixpydoctor.findings import Rule, Severity
from nixpydoctor.fingerprints import fingerprint
from nixpydoctor.report import as_github, as_gitlab, as_junit, as_markdown, as_sarif
from nixpydoctor.report.anchors import Anchor, Anchors
from nixpydoctor.rules import RULES
from nixpydoctor.rules.missing_library import missing_library

SCHEMAS = Path(__file__).parent.parent / "fixtures" / "schemas"
ROOT = FsPath("/home/ada/app")
LOCK = 'version = 1\n\n[[package]]\nname = "NumPy"\nversion = "2.3.2"\n'
SUBJECT = f"{SITE}/numpy/_core.so"
HOSTILE = f"{SITE}/evil\n::error::\x1b[31m[x](y)<b>|.so"


def diagnosis(*more: Any, files: dict[str, str] | None = None) -> Diagnosis:
    texts = {"uv.lock": LOCK, "flake.nix": "{\n  devShells = pkgs.mkShell { };\n}\n"} if files is None else files
    world = replace(
        facts(a_dist(extensions=("numpy/_core.so",)), project=Project(ROOT, tuple(texts))),
        disk=Disk.closed(texts={FsPath(f"{ROOT}/{name}"): text for name, text in texts.items()}),
    )
    made = a_diagnosis(a_missing(SUBJECT), *more, world=world)
    # The stand-in has no page, and a platform shows pages.
    return replace(made, findings=tuple(replace(finding, rule=missing_library) for finding in made.findings))


def hostile() -> Diagnosis:
    evil = a_missing(
        HOSTILE, "x.so", message="evil\n%0A::error::\x1b[31m [a](b) <script> needs x", severity=Severity.NOTE
    )
    return diagnosis(evil)


# ── anchors ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("files", "anchor"),
    [
        ({"uv.lock": LOCK, "flake.nix": ""}, Anchor("uv.lock", 4)),
        ({"requirements.txt": "# wheels\nrequests\nnumpy==2.3.2 ; x\n"}, Anchor("requirements.txt", 3)),
        ({"uv.lock": "", "shell.nix": "{ pkgs }:\npkgs.mkShell {\n}\n"}, Anchor("shell.nix", 2)),
        ({"flake.nix": "{ }\n", "pyproject.toml": ""}, Anchor("flake.nix", 1)),
        ({"pyproject.toml": ""}, Anchor("pyproject.toml", 1)),
        ({}, Anchor("pyproject.toml", 1)),
    ],
)
def test_a_finding_stands_where_one_would_edit(files: dict[str, str], anchor: Anchor) -> None:
    told = diagnosis(files=files)
    assert Anchors(told.facts).of(told.findings[0]) == anchor


def test_a_fingerprint_survives_another_machine_and_another_store_path() -> None:
    here = a_missing(SUBJECT)
    there = replace(here, subject=FsPath("/somewhere/else/numpy/_core.so"), message="other words")
    assert fingerprint(here) == fingerprint(there)
    assert fingerprint(here) != fingerprint(a_missing(SUBJECT, "libz.so.1"))


# ── SARIF ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("told", [diagnosis(), hostile(), a_diagnosis(), workflow.demo()])
def test_sarif_is_valid_by_its_published_schema(told: Diagnosis) -> None:
    """By the version of JSON Schema that the published file names."""
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text())
    judge = validator_for(schema)
    assert judge is Draft4Validator
    judge(schema, format_checker=judge.FORMAT_CHECKER).validate(json.loads(as_sarif.render(told)))


def test_sarif_has_all_that_a_platform_shows() -> None:
    (run,) = json.loads(as_sarif.render(diagnosis()))["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == "NPD101"
    assert rule["help"]["markdown"].startswith("# ")
    assert 0 < len(rule["fullDescription"]["text"]) <= 1024
    (result,) = run["results"]
    assert result["ruleId"] == "NPD101"
    assert result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "uv.lock"
    assert place["region"]["startLine"] == 4
    assert result["partialFingerprints"]["primaryLocationLineHash"] == fingerprint(diagnosis().findings[0])


def test_sarif_shows_every_result_of_the_demo() -> None:
    """Field by field what GitHub requires or recommends (docs: "SARIF support for code scanning")."""
    told = workflow.demo()
    (run,) = json.loads(as_sarif.render(told))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(told.findings) == 156
    marks = set()
    for finding, result in zip(told.findings, run["results"], strict=True):
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == finding.rule.id
        assert result["level"] == finding.severity.name.lower()
        assert finding.message in result["message"]["text"]
        assert finding.subject in result["message"]["text"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "pyproject.toml"
        region = location["physicalLocation"]["region"]
        assert region["startLine"] <= region["endLine"]
        assert region["startColumn"] < region["endColumn"]
        marks.add(result["partialFingerprints"]["primaryLocationLineHash"])
    assert len(marks) == len(told.findings), "two alerts that are one"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_sarif_can_show_every_rule(rule: Rule) -> None:
    """Texts that GitHub takes: none empty, the short ones within 1024 characters, help as Markdown and as text."""
    finding = rule.finding(FsPath(SUBJECT), "x")
    (run,) = json.loads(as_sarif.render(replace(diagnosis(), findings=(finding,))))["runs"]
    (shown,) = run["tool"]["driver"]["rules"]
    for name in ("shortDescription", "fullDescription"):
        assert 0 < len(shown[name]["text"]) <= 1024
    assert shown["help"]["text"].startswith(f"# {rule.id} ")
    assert shown["help"]["markdown"].count("\n## ") == 5
    assert shown["properties"]["precision"] == "very-high"
    assert shown["properties"]["problem.severity"] in {"error", "warning", "recommendation"}
    assert "security-severity" not in shown["properties"]
    assert shown["defaultConfiguration"]["level"] == rule.severity.name.lower()


def test_sarif_says_where_the_tool_itself_failed() -> None:
    told = replace(diagnosis(), faults=(Fault("rule x", "KeyError: 1"),))
    (run,) = json.loads(as_sarif.render(told))["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False


# ── GitHub ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_annotation_names_rule_file_and_line() -> None:
    (line,) = as_github.render(diagnosis()).splitlines()
    assert line.startswith("::error title=nixpydoctor (NPD101 missing-library),file=uv.lock,line=4::numpy 2.3.2 needs")
    assert line.endswith("; breaks import numpy")


def test_nothing_from_the_machine_begins_a_command_of_its_own() -> None:
    lines = as_github.render(hostile()).splitlines()
    assert len(lines) == 2
    assert all(line.startswith(("::error title=", "::notice title=")) for line in lines)
    assert "%250A" in lines[1]


def test_no_finding_no_annotation() -> None:
    assert as_github.render(a_diagnosis()) == ""


# ── GitLab ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_gitlab_gets_its_fields_and_each_fingerprint_once() -> None:
    twice = diagnosis(a_missing(SUBJECT))
    entries = json.loads(as_gitlab.render(twice))
    assert len({entry["fingerprint"] for entry in entries}) == len(entries) == 2
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["description"].startswith("NPD101: ")
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert entry["location"] == {"path": "uv.lock", "lines": {"begin": 4}}
    assert json.loads(as_gitlab.render(a_diagnosis())) == []


# ── JUnit ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("told", [diagnosis(), hostile(), a_diagnosis()])
def test_junit_is_valid_by_the_schema_of_jenkins(told: Diagnosis) -> None:
    xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd")).validate(as_junit.render(told))


def test_junit_fails_for_errors_and_passes_for_notes() -> None:
    text = as_junit.render(hostile())
    assert '<testsuites name="nixpydoctor" tests="2" failures="1"' in text
    assert '<failure type="error"' in text
    assert "<system-out>" in text


def test_junit_of_a_healthy_environment_is_not_empty() -> None:
    assert 'name="nothing is wrong"' in as_junit.render(a_diagnosis())


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_markdown_escapes_what_instructions_quote() -> None:
    """A name out of a file stands in them; only their own line ends are meant."""
    text = as_markdown.render(
        a_diagnosis(a_missing(SUBJECT), instructions="Run:\n\n```sh\nx '/nix/\x1b[2J\u202ey'\n```\n")
    )
    assert "\n```sh\nx '/nix/\\x1b[2J\\u202ey'\n```\n" in text


def test_markdown_tells_the_verdict_the_causes_and_the_best_offer() -> None:
    text = as_markdown.render(diagnosis())
    assert text.startswith("## nixpydoctor: 1 error\n")
    assert "| error | NPD101 missing-library |" in text
    assert "### What would help: library-path" in text


def test_text_from_the_machine_is_no_markup() -> None:
    text = as_markdown.render(hostile())
    (row,) = [line for line in text.splitlines() if line.startswith("| note")]
    assert "<script>" not in text
    assert "[a](b)" not in row
    assert row.count("|") - row.count("\\|") == 6

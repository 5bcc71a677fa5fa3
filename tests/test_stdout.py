"""Stdout has the format and nothing else, whatever happens around it; and nothing at all where there is no report."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from nixpydoctor.console import FORMATS
from nixpydoctor.report import as_json
from terminal import heard as heard_on
from test_cli import broken, healthy, saved
from tool import PLAIN, run, started

SLOW = (
    "import time, nixpydoctor.workflow as w, nixpydoctor.progress as p; check, p._PATIENCE = w.check, 0.02\n"
    "def slow(wish, environ, cwd, progress):\n"
    "    progress('examining at leisure'); time.sleep(0.5); return check(wish, environ, cwd, progress)\n"
    "w.check = slow\n"
)
"""The work takes so long that progress shows itself."""
FAULTY = (
    "import nixpydoctor.rules as r; from dataclasses import replace\n"
    "def check(case): raise RuntimeError('boom'); yield\n"
    "r.RULES = (*r.RULES, replace(r.RULES[0], id='NPD199', check=check))\n"
)
"""One rule of ours fails."""
SETTINGS = """
ignore = [{ rule = "NPD2", until = 2020-01-01 }, { rule = "NPD101", detail = "libz*", until = 2020-01-01 }]
baseline = "baseline.json"
"""
BASELINE = '{"baseline_version": 1, "findings": [{"rule": "NPD101", "dist": "x", "place": "y", "detail": "z"}]}'


def lines_of(pattern: str) -> Callable[[str], bool]:
    return lambda text: bool(text) and all(re.match(pattern, line) for line in text.splitlines())


def is_json(text: str) -> bool:
    Draft202012Validator(as_json.schema()).validate(json.loads(text))
    return True


def is_xml(text: str) -> bool:
    return ET.fromstring(text.encode()).tag == "testsuites"


JUDGES: dict[str, Callable[[str], bool]] = {
    "full": lambda text: text.startswith("/") and "nixpydoctor: " not in text and text.endswith(" unread\n"),
    "text": lambda text: text.startswith("/") and "nixpydoctor: " not in text and text.endswith(" unread\n"),
    "concise": lines_of(r"/.+: (error|warning|note)\[NPD\d{3}\] "),
    "json": is_json,
    "json-v1": is_json,
    "sarif": lambda text: json.loads(text)["version"] == "2.1.0",
    "github": lines_of(r"::(error|warning|notice) title=nixpydoctor "),
    "gitlab": lambda text: isinstance(json.loads(text), list),
    "junit": is_xml,
    "markdown": lambda text: text.startswith("## nixpydoctor: ") and "\x1b" not in text,
    "html": lambda text: text.startswith("<!doctype html>") and text.rstrip().endswith("</html>"),
}

ONCE = [form for form in FORMATS if form not in ("text", "json-v1")]
"""Each format by one of its names."""


@pytest.fixture(scope="module")
def sick(tmp_path_factory: pytest.TempPathFactory) -> str:
    return saved(tmp_path_factory.mktemp("sick"), broken())


def test_every_format_has_its_judge() -> None:
    assert set(JUDGES) == set(FORMATS)


@pytest.mark.parametrize("form", ONCE)
def test_progress_and_warnings_leave_stdout_alone(sick: str, tmp_path: Path, form: str) -> None:
    """Stderr is a terminal on which progress moves, and has sentences of four kinds; stdout is as without any."""
    quiet = run("check", "--facts", sick, "-f", form, cwd=tmp_path, code=PLAIN)
    assert JUDGES[form](quiet.stdout)
    (tmp_path / "nixpydoctor.toml").write_text(SETTINGS)
    (tmp_path / "baseline.json").write_text(BASELINE)
    env = {**os.environ, "NIXPYDOCTOR_FAIL_OM": "1", "GITHUB_ACTIONS": "true", "TERM": "xterm"}
    env["GITHUB_STEP_SUMMARY"] = "/nowhere/summary"
    terminal, end = os.openpty()
    command = [sys.executable, "-c", SLOW + PLAIN, "check", "--facts", sick, "-f", form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=end, cwd=tmp_path, env=env) as child:
        os.close(end)
        assert child.stdout is not None
        heard = heard_on(terminal)
        told = child.stdout.read().decode()
    assert (child.returncode, told) == (1, quiet.stdout)
    for said in ("examining at leisure", "did you mean fail-on?", "ended on 2020-01-01", "prunes it", "step summary"):
        assert said in heard, said


@pytest.mark.parametrize("form", ONCE)
def test_a_fault_of_ours_leaves_stdout_whole(sick: str, tmp_path: Path, form: str) -> None:
    told = started("check", "--facts", sick, "-f", form, cwd=tmp_path, code=FAULTY + PLAIN)
    assert told.returncode == 4
    assert JUDGES[form](told.stdout)
    assert "boom" in told.stderr


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("words", "code"), [(("--facts", "/nowhere"), 2), (("/nowhere",), 2), (("--select", "NPD999"), 2), ((), 3)]
)
def test_where_there_is_no_report_stdout_is_empty(tmp_path: Path, form: str, words: tuple[str, ...], code: int) -> None:
    told = run("check", *words, "-f", form, cwd=tmp_path, env={**os.environ, "PATH": str(tmp_path)}, code=PLAIN)
    assert (told.returncode, told.stdout) == (code, "")
    assert told.stderr.startswith("nixpydoctor: ")
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("full", "text")])
def test_a_healthy_environment_is_a_whole_document_as_well(tmp_path: Path, form: str) -> None:
    told = run("check", "--facts", saved(tmp_path, healthy()), "-f", form, code=PLAIN)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == "" if form in ("concise", "github") else JUDGES[form](told.stdout)

"""The command line: formats, exit codes, streams, and what is imported for what."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import tool
from build import SITE, a_dist, an_object, facts
from nixpydoctor import __version__, gate
from nixpydoctor.doctor import Diagnosis, diagnose
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Severity
from nixpydoctor.replay import dump
from nixpydoctor.report import as_json
from nixpydoctor.rules import RULES
from tool import PLAIN, START


def run(
    *arguments: str, env: Mapping[str, str] | None = None, code: str = START, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The tool in a process of its own."""
    return tool.run(*arguments, env={**os.environ, **(env or {})}, cwd=cwd, code=code)


def broken() -> Facts:
    """An extension whose library is missing."""
    path = f"{SITE}/numpy/_core.cpython-312-x86_64-linux-gnu.so"
    dist = a_dist(extensions=("numpy/_core.cpython-312-x86_64-linux-gnu.so",))
    return facts(
        dist, objects=[an_object(path, "libz.so.1", "libc.so.6")], sources={"numpy/__init__.py": "from . import _core"}
    )


def healthy() -> Facts:
    """The same extension, and nothing missing."""
    path = f"{SITE}/numpy/_core.cpython-312-x86_64-linux-gnu.so"
    dist = a_dist(extensions=("numpy/_core.cpython-312-x86_64-linux-gnu.so",))
    return facts(dist, objects=[an_object(path, "libc.so.6")], sources={"numpy/__init__.py": "from . import _core"})


def saved(folder: Path, world: Facts) -> str:
    """A facts file, written after the diagnosis as the tool does."""
    diagnose(world)
    file = folder / "facts.json"
    file.write_bytes(dump(world))
    return str(file)


@pytest.fixture
def broken_file(tmp_path: Path) -> str:
    return saved(tmp_path, broken())


# ── exit codes ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["text", "concise", "json", "full"])
def test_errors_make_1_whatever_the_format(broken_file: str, form: str) -> None:
    assert run("check", "--facts", broken_file, "--format", form).returncode == 1


def test_a_healthy_environment_makes_0(tmp_path: Path) -> None:
    told = run("check", "--facts", saved(tmp_path, healthy()))
    assert (told.returncode, told.stderr) == (0, "")
    assert "Nothing is wrong" in told.stdout


def test_exit_zero_forgives_findings(broken_file: str) -> None:
    assert run("check", "--facts", broken_file, "--exit-zero").returncode == 0


def test_nothing_to_examine_is_3_and_not_green(tmp_path: Path) -> None:
    told = run("check", "--exit-zero", env={"PATH": str(tmp_path)}, cwd=tmp_path)
    assert (told.returncode, told.stdout) == (3, "")
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        (Severity.ERROR, Severity.ERROR, 1),
        (Severity.WARNING, Severity.ERROR, 0),
        (Severity.WARNING, Severity.WARNING, 1),
        (Severity.NOTE, Severity.WARNING, 0),
        (Severity.NOTE, Severity.NOTE, 1),
    ],
)
def test_fail_on_is_the_least_severity_that_fails(severity: Severity, fail_on: Severity, code: int) -> None:
    finding = RULES[0].finding(SITE, "x", severity=severity)
    assert gate.exit_code(Diagnosis(facts(), (finding,)), fail_on) == code


def test_a_fault_of_ours_is_4_and_nothing_forgives_it(tmp_path: Path, broken_file: str) -> None:
    sabotage = (
        "import nixpydoctor.rules as r; from dataclasses import replace\n"
        "def check(case): raise RuntimeError('boom\\n\\x1b[2J'); yield\n"
        "r.RULES = (*r.RULES, replace(r.RULES[0], id='NPD199', check=check))\n" + START
    )
    told = run("check", "--facts", broken_file, "--exit-zero", code=sabotage)
    assert told.returncode == 4
    assert r"RuntimeError: boom\n\x1b[2J" in told.stderr
    assert "--save-facts" in told.stderr
    assert "libz.so.1" in told.stdout, "the other rules still report"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--format", "xml"),
        ("check", "--fail-on", "never"),
        ("check", "--no-such-option"),
        ("check", "one", "two"),
        ("check", "--facts", "/nowhere/facts.json"),
        ("check", "--facts", "/"),
        ("check", ".", "--facts", "x"),
        ("check", "--imports", "--facts", "x"),
        ("check", "--imports", "--no-exec"),
        ("check", "/nowhere/at all"),
        ("explain", "NPD1"),
        ("explain",),
        ("no-such-command",),
    ],
)
def test_usage_makes_2_and_a_sentence(arguments: tuple[str, ...]) -> None:
    told = run(*arguments)
    assert told.returncode == 2
    assert told.stdout == ""
    assert "Traceback" not in told.stderr
    assert told.stderr.strip()


@pytest.mark.parametrize("data", [b"", b"{}", b"\x1f\x8bbroken", b'{"facts_version": 2}', b"[" * 100_000])
def test_a_file_that_holds_no_facts_is_a_usage_error(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "facts\n\x1b[2J.json"
    file.write_bytes(data)
    told = run("check", "--facts", str(file))
    assert told.returncode == 2
    assert told.stderr.count("\n") == 1
    assert r"facts\n\x1b[2J.json is no facts file" in told.stderr


def test_an_unexpected_error_is_a_sentence_that_asks_for_the_facts(broken_file: str) -> None:
    sabotage = "import nixpydoctor.workflow as w\ndef check(*_): raise ValueError('x\\ny')\nw.check = check\n" + START
    told = run("check", "--facts", broken_file, code=sabotage)
    assert told.returncode == 4
    assert told.stderr.count("\n") == 1
    assert r"ValueError: x\ny" in told.stderr
    assert "--save-facts" in told.stderr
    asked = run("check", "--facts", broken_file, code=sabotage, env={"NIXPYDOCTOR_TRACEBACK": "1"})
    assert "Traceback" in asked.stderr


def test_ctrl_c_makes_130_without_a_word(broken_file: str) -> None:
    sabotage = "import nixpydoctor.workflow as w\ndef check(*_): raise KeyboardInterrupt\nw.check = check\n" + START
    told = run("check", "--facts", broken_file, code=sabotage)
    assert (told.returncode, told.stdout, told.stderr) == (130, "", "")


# ── streams ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_quiet_prints_nothing_and_still_tells_by_its_exit_code(broken_file: str) -> None:
    told = run("check", "--facts", broken_file, "-q")
    assert (told.returncode, told.stdout, told.stderr) == (1, "", "")


def test_a_reader_that_goes_away_is_no_error(broken_file: str) -> None:
    """As in `check -vv | head -1`: quiet, and the exit code is that of the findings."""
    end, start = os.pipe()
    os.close(end)
    command = [sys.executable, "-c", START, "check", "--facts", broken_file, "-vv"]
    told = subprocess.run(command, stdout=start, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(start)
    assert (told.returncode, told.stderr) == (1, b"")


def test_a_closed_stdout_is_no_error(broken_file: str) -> None:
    command = f'exec "{sys.executable}" -c "{START}" check --facts "{broken_file}" >&-'
    told = subprocess.run(["/bin/sh", "-c", command], stderr=subprocess.PIPE, timeout=60, check=False)
    assert (told.returncode, told.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_report_that_cannot_be_written_is_not_green(tmp_path: Path) -> None:
    file = saved(tmp_path, healthy())
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-c", START, "check", "--facts", file]
        told = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert told.returncode == 4
    assert "No space left" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_stdout_can_show_the_report(broken_file: str, encoding: str) -> None:
    told = run("check", "--facts", broken_file, env={"PYTHONIOENCODING": encoding, "LC_ALL": "C"})
    assert told.returncode == 1
    assert "libz.so.1" in told.stdout


def test_json_is_nothing_but_json(broken_file: str) -> None:
    told = run("check", "--facts", broken_file, "--format", "json")
    Draft202012Validator(as_json.schema()).validate(json.loads(told.stdout))
    assert told.stderr == ""


def test_concise_is_one_line_for_each_finding(broken_file: str) -> None:
    lines = run("check", "--facts", broken_file, "--format", "concise").stdout.splitlines()
    assert lines
    assert all(re.match(r"/.+: (error|warning|note)\[NPD\d{3}\] ", line) for line in lines)


@pytest.mark.parametrize(
    ("env", "arguments", "colored"),
    [({}, (), False), ({}, ("--color", "always"), True), ({"FORCE_COLOR": "1"}, (), True),
     ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, ("--color", "always"), False)],
)  # fmt: skip
def test_a_pipe_is_coloured_only_on_demand(
    broken_file: str, env: dict[str, str], arguments: tuple[str, ...], colored: bool
) -> None:
    assert ("\x1b[" in run("check", "--facts", broken_file, *arguments, env=env).stdout) is colored


# ── facts files ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["again.json", "again.json.gz"])
def test_a_saved_file_gives_the_same_report(broken_file: str, tmp_path: Path, name: str) -> None:
    again = str(tmp_path / name)
    first = run("check", "--facts", broken_file, "--save-facts", again, env={"HOME": "/nowhere"})
    second = run("check", "--facts", again)
    assert first.stdout == second.stdout
    assert first.returncode == second.returncode == 1


def test_facts_that_cannot_be_saved_are_a_usage_error(broken_file: str) -> None:
    told = run("check", "--facts", broken_file, "--save-facts", "/nowhere/x.json")
    assert told.returncode == 2
    assert "No such file or directory" in told.stderr


def test_demo_shows_a_real_diagnosis_without_touching_this_machine(tmp_path: Path) -> None:
    told = run("demo", env={"PATH": str(tmp_path)}, cwd=tmp_path)
    assert told.returncode == 0
    assert "libstdc++.so.6: a needed shared library cannot be found" in told.stdout
    assert "library-path" in told.stdout
    assert "recorded" in told.stderr


# ── explain, rules, version, help ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("word", ["NPD101", "npd101", "missing-library"])
def test_explain_prints_the_page_of_a_rule(word: str) -> None:
    told = run("explain", word)
    assert told.returncode == 0
    assert told.stdout.startswith("NPD101 missing-library: ")
    assert "What it means" in told.stdout


def test_explain_prints_the_page_of_a_remedy() -> None:
    assert run("explain", "nix-ld").stdout.startswith("nix-ld: ")


def test_explain_names_what_may_have_been_meant() -> None:
    told = run("explain", "missing-libary")
    assert told.returncode == 2
    assert "missing-library" in told.stderr


def test_explain_explains_an_error_text_and_shows_no_escape_of_it() -> None:
    told = run(
        "explain",
        "--no-look",
        "ImportError: libz.so.1: cannot open shared object file: No such file or directory\x1b[2J",
    )
    assert told.returncode == 0
    assert "NPD101 missing-library" in told.stdout
    assert "\x1b" not in told.stdout


def test_rules_lists_every_rule() -> None:
    lines = run("rules").stdout.splitlines()
    assert [line[:6] for line in lines] == sorted(rule.id for rule in RULES)


def test_version_and_help() -> None:
    assert run("--version").stdout == f"nixpydoctor {__version__}\n"
    for arguments in (("--help",), ("-h",), ("check", "-h")):
        told = run(*arguments)
        assert told.returncode == 0
        assert told.stdout.startswith("Usage: nixpydoctor")


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (("--help",), ("rich", "psutil", "elftools", "nixpydoctor.facts")),
        (("explain", "NPD101"), ("rich", "psutil", "elftools")),
        (("check", "--facts", "FILE", "--format", "json"), ("rich", "psutil", "elftools")),
        (("check", "--facts", "FILE"), ("rich", "psutil", "elftools")),
    ],
)
def test_what_takes_time_to_import_is_imported_where_it_is_used(
    broken_file: str, arguments: tuple[str, ...], absent: tuple[str, ...]
) -> None:
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); " + START
    told = run(*[broken_file if part == "FILE" else part for part in arguments], code=code)
    modules = set(told.stderr.split())
    assert "typer" in modules
    assert modules.isdisjoint(absent)


@pytest.mark.parametrize(("watched", "said"), [("", ""), ("sys.setprofile(lambda *told: None); ", "the end\n")])
def test_a_check_ends_at_once_unless_somebody_watches(broken_file: str, watched: str, said: str) -> None:
    """All is written all the same, and the exit code is the one that was meant."""
    code = f"import atexit, sys; atexit.register(print, 'the end'); {watched}{PLAIN}"
    told = run("check", "--facts", broken_file, "--format", "json", code=code)
    plain = run("check", "--facts", broken_file, "--format", "json")
    assert (told.returncode, told.stderr) == (1, "")
    assert told.stdout == plain.stdout + said

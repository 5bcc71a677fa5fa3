"""What the pages tell people to type and to write into files: parsed by what reads it, and run where it can be run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

import actions
from nixpydoctor import cli
from test_docs import PAGES, ROOT
from tool import PLAIN, run

BLOCK = re.compile(r"^ *```(?P<language>\w+)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
PROVED = {"sh", "yaml", "nix", "toml", "python", "console"}
"""Languages that a test of this suite reads: console blocks in `test_docs`, toml in `test_reference`."""
SHOWN = {"text", "rust"}
"""Languages that are only looked at."""
OTHERS = {
    "make", "uvx", "pipx", "nix", "nix-build", "nix-env", "nix-shell", "pre-commit", "python", "python3",
    ".nix-python/bin/python3.12",
}  # fmt: skip
"""Programs that are not ours. What `make` and Nix do here, the other tests and the lab show."""


def blocks(*languages: str) -> list[tuple[str, str]]:
    """(page, text) of every fenced block in these languages."""
    found = [(page, match) for page in PAGES for match in BLOCK.finditer(page.read_text(encoding="utf-8"))]
    return [(page.name, match["text"]) for page, match in found if match["language"] in languages]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command of a shell block or of a step, as words, each part of a pipeline for itself."""
    lines = [(page, line) for page, text in blocks("sh") for line in text.splitlines()]
    for page, text in blocks("yaml"):
        lines += [(page, said) for said in _scripts(yaml.safe_load(text))]
    for page, line in lines:
        words = shlex.split(line, comments=True)
        while words:
            ends = [number for number, word in enumerate(words) if word in ("|", "&&")]
            part, words = (words[: ends[0]], words[ends[0] + 1 :]) if ends else (words, [])
            if ">" in part:
                part = part[: part.index(">")]
            yield page, [word for word in part if word != "2>&1"]


def _scripts(plain: Any) -> Iterator[str]:
    """What stands behind `run` and `script`, wherever that is."""
    for key, value in plain.items() if isinstance(plain, dict) else ():
        if key in ("run", "script"):
            yield from [value] if isinstance(value, str) else value
    for inner in plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ():
        yield from _scripts(inner)


OURS = [(page, words[1:]) for page, words in commands() if words[:1] == ["nixpydoctor"]]


def test_every_language_is_known_and_every_program_as_well() -> None:
    languages = {match["language"] for page in PAGES for match in BLOCK.finditer(page.read_text(encoding="utf-8"))}
    assert languages <= PROVED | SHOWN
    strange = {words[0] for _, words in commands() if words} - {"nixpydoctor", "dot"} - OTHERS
    assert {word for word in strange if not word.endswith("/pip")} == set()
    assert len(OURS) > 25


@pytest.mark.parametrize(("page", "words"), OURS, ids=[" ".join(words) for _, words in OURS])
def test_every_command_is_one_that_the_tool_understands(page: str, words: list[str]) -> None:
    """By the parser itself: the command, each option and each value."""
    group: Any = typer.main.get_command(cli.app)
    command = group.commands[words[0]]
    with command.make_context(words[0], list(words[1:])) as context:
        assert context.params


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages' reader stands: a project with a venv."""
    folder = tmp_path_factory.mktemp("a reader's project")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "app"\n')
    return folder


def test_what_needs_no_more_than_a_venv_runs_as_it_is_written(project: Path) -> None:
    """In the order of the pages: a case that is saved is replayed."""
    done = 0
    for page, words in OURS:
        targets = [word for word in words[1:] if "/" in word or word == "numpy"]
        if words[0] not in ("check", "fix", "demo", "rules", "config") or targets or "--pid" in words:
            continue
        if words[0] == "fix" and {"runpath", "fhs-env"} & set(words):
            continue
        told = run(*words, cwd=project, code=PLAIN)
        assert told.returncode == 0, (page, words, told.stderr)
        done += 1
        for file in [word.partition("=")[2] for word in words if re.fullmatch(r"\w+=[\w.-]+", word)]:
            assert (project / file).stat().st_size, file
    assert done >= 8
    assert {"nixpydoctor.sarif", "code-quality.json", "report.xml", "report.html", "case.json.gz"} <= {
        path.name for path in project.iterdir()
    }


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("page", "text"), blocks("yaml"))
def test_what_names_our_action_job_or_hook_names_what_it_has(page: str, text: str) -> None:
    plain = yaml.safe_load(text)
    for one in _tables(plain):
        if str(one.get("uses", "")).startswith("OWNER/nixpydoctor@"):
            assert set(one["with"]) <= set(actions.document("action.yml")["inputs"])
        if "extends" in one:
            job = actions.document("ci/gitlab.yml")[one["extends"]]
            assert set(one["variables"]) <= set(job["variables"])
        if one.get("id") == "nixpydoctor":
            hooks = {hook["id"]: hook for hook in actions.document(".pre-commit-hooks.yaml")}
            words = [*hooks[one["id"]]["entry"].split(), *one.get("args", [])]
            group: Any = typer.main.get_command(cli.app)
            group.commands[words[1]].make_context(words[1], words[2:]).close()
        for report in one.get("reports", {}).values() if isinstance(one.get("reports"), dict) else ():
            assert f"={report}" in plain["nixpydoctor"]["script"]


def _tables(plain: Any) -> Iterator[dict[str, Any]]:
    if isinstance(plain, dict):
        yield plain
    for inner in plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ():
        yield from _tables(inner)


@pytest.mark.skipif(shutil.which("nix-instantiate") is None, reason="needs nix-instantiate")
@pytest.mark.parametrize(("page", "text"), blocks("nix"))
def test_every_nix_text_parses(page: str, text: str) -> None:
    whole = text if text.lstrip().startswith("{") else f"{{ pkgs, nixpydoctor }}: {{ {text} }}"
    told = subprocess.run(["nix-instantiate", "--parse", "-"], input=whole, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize(("page", "text"), blocks("python"))
def test_every_piece_of_python_runs(page: str, text: str) -> None:
    exec(compile(text, page, "exec"), {})


def test_every_page_is_in_the_menu() -> None:
    """Of the site; pages about rules and remedies have lists of their own."""
    listed = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    docs = ROOT / "docs"
    there = {str(page.relative_to(docs)) for page in docs.rglob("*.md")}
    there = {page for page in there if not page.startswith(("rules/", "remedies/"))}
    assert there == listed - {"rules/index.md", "remedies/index.md"}

"""Where reports go: one on stdout at most, files that can be written, and what GitHub Actions shows by itself."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import tool
from nixpydoctor.outputs import Output, planned
from nixpydoctor.target import UsageError
from nobody import as_nobody, open_folder
from test_cli import broken, healthy, saved


def check(facts: str, *arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`check` on a recorded environment, in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    return tool.run("check", "--facts", facts, *arguments, cwd=cwd, env={**clean, **env}, code=tool.PLAIN)


@pytest.fixture(scope="module")
def sick(tmp_path_factory: pytest.TempPathFactory) -> str:
    return saved(tmp_path_factory.mktemp("sick"), broken())


# ── the plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "file", "outputs"),
    [
        ((), None, [Output("text")]),
        (("full",), None, [Output("text")]),
        (("json-v1",), None, [Output("json")]),
        (("sarif=o.sarif", "full"), None, [Output("sarif", "o.sarif"), Output("text")]),
        (("sarif=o.sarif", "json"), "x=y.json", [Output("sarif", "o.sarif"), Output("json", "x=y.json")]),
        (("sarif=a b/ö=.sarif",), None, [Output("sarif", "a b/ö=.sarif")]),
        (("json",), "-", [Output("json")]),
    ],
)
def test_each_format_goes_where_it_is_sent(
    tmp_path: Path, said: tuple[str, ...], file: str | None, outputs: list[Output]
) -> None:
    (tmp_path / "a b").mkdir()
    placed = [Output(one.form, one.file and str(tmp_path / one.file)) for one in outputs]
    assert list(planned(said, file, str(tmp_path))) == placed


@pytest.mark.parametrize(
    ("said", "file", "told"),
    [
        (("sarf",), None, "did you mean sarif"),
        (("xml",), None, "take one of full, text"),
        (("json", "json"), None, "named twice"),
        (("full", "text=a"), None, "named twice"),
        (("json=a", "json-v1=b"), None, "named twice"),
        (("json", "full"), None, "cannot both go to stdout"),
        (("json=a", "sarif=./a"), None, "cannot both go to"),
        (("json", "sarif"), "a", "only one format"),
        (("json=b",), "a", "a file of its own"),
        (("json=",), None, "names no file"),
        ((), "", "name a file"),
        ((), ".", "name a file"),
        ((), "no/such/file", "there is no folder"),
        ((), "a\0b", "name a file"),
    ],
)
def test_what_cannot_be_written_is_a_sentence(
    tmp_path: Path, said: tuple[str, ...], file: str | None, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        planned(said, file, str(tmp_path))


def test_a_folder_that_takes_no_file_is_told_before_anything_is_examined() -> None:
    with open_folder() as folder:
        folder.chmod(0o555)
        with as_nobody(), pytest.raises(UsageError, match="permission denied"):
            planned((), "report", str(folder))


# ── files and stdout ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_several_reports_at_once(sick: str, tmp_path: Path) -> None:
    told = check(sick, "-f", "sarif=out.sarif", "-f", "junit=ö ü.xml", "-f", "full", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (1, "")
    assert told.stdout == check(sick, cwd=tmp_path).stdout
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "ö ü.xml").read_text().startswith("<?xml")


def test_a_file_alone_leaves_stdout_empty_and_has_no_colour(sick: str, tmp_path: Path) -> None:
    told = check(sick, "-o", "report.txt", cwd=tmp_path)
    assert (told.returncode, told.stdout, told.stderr) == (1, "", "")
    text = (tmp_path / "report.txt").read_text()
    assert "libz.so.1" in text
    assert "\x1b" not in text


def test_quiet_silences_stdout_and_not_the_files(sick: str, tmp_path: Path) -> None:
    told = check(sick, "-q", "-f", "json=a.json", "-f", "full", cwd=tmp_path)
    assert (told.returncode, told.stdout, told.stderr) == (1, "", "")
    assert json.loads((tmp_path / "a.json").read_text())["schema_version"] == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_is_full_is_a_sentence(sick: str, tmp_path: Path) -> None:
    told = check(sick, "-o", "/dev/full", cwd=tmp_path)
    assert (told.returncode, told.stdout) == (2, "")
    assert "cannot be written to /dev/full: No space left" in told.stderr


# ── GitHub Actions ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["full", "json"])
def test_github_actions_gets_annotations_and_a_summary_by_itself(sick: str, tmp_path: Path, form: str) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("of a step before\n")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    told = check(sick, "-f", form, cwd=tmp_path, **env)
    assert told.returncode == 1
    assert told.stdout == check(sick, "-f", form, cwd=tmp_path).stdout, "stdout has the format and nothing else"
    assert told.stderr.startswith("::error title=nixpydoctor")
    before, _, after = summary.read_text().partition("\n")
    assert before == "of a step before"
    assert "## nixpydoctor: 1 error" in after


def test_annotations_that_were_asked_for_come_once(sick: str, tmp_path: Path) -> None:
    told = check(sick, "-f", "github", cwd=tmp_path, GITHUB_ACTIONS="true")
    assert told.stdout.startswith("::error ")
    assert told.stderr == ""


def test_a_summary_that_cannot_be_written_changes_no_exit_code(tmp_path: Path) -> None:
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "/nowhere/summary"}
    told = check(saved(tmp_path, healthy()), cwd=tmp_path, **env)
    assert told.returncode == 0
    assert (
        told.stderr == "nixpydoctor: The step summary /nowhere/summary cannot be written: No such file or directory.\n"
    )


def test_a_summary_never_grows_beyond_what_github_shows(sick: str, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_bytes(b"x" * (1024 * 1024 - 10))
    check(sick, cwd=tmp_path, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    assert summary.stat().st_size == 1024 * 1024 - 10

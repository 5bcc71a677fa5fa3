"""`explain` as people call it: words, texts, files and pipes, and everything that is none of them."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import tool
from nixpydoctor.report import explanation_json
from tool import START

TOOL = [sys.executable, "-c", START, "explain"]
MESSAGE = "ImportError: libz.so.1: cannot open shared object file: No such file or directory"


def explain(
    *arguments: str, stdin: bytes | None = None, cwd: Path | None = None, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **({"PATH": path} if path is not None else {})}
    return tool.run("explain", *arguments, stdin=stdin or b"", env=env, cwd=cwd)


def answered(*arguments: str, stdin: bytes | None = None, **more: Any) -> dict[str, Any]:
    """The answer as JSON, which satisfies its schema."""
    told = explain(*arguments, "--format", "json", stdin=stdin, **more)
    assert (told.returncode, told.stderr) == (0, "")
    plain: dict[str, Any] = json.loads(told.stdout)
    Draft202012Validator(explanation_json.schema()).validate(plain)
    return plain


def rules(plain: dict[str, Any]) -> list[str]:
    return [cause["name"] for cause in plain["causes"]]


# ── ways to ask ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_text_comes_from_arguments_a_file_or_stdin(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text(MESSAGE)
    answers = [
        answered("--no-look", MESSAGE),
        answered("--no-look", *MESSAGE.split()),
        answered("--no-look", "--file", str(file)),
        answered("--no-look", stdin=MESSAGE.encode()),
        answered("--no-look", "-", stdin=MESSAGE.encode()),
        answered("--no-look", "--file", "-", stdin=MESSAGE.encode()),
    ]
    assert all(answer == answers[0] for answer in answers)
    assert rules(answers[0]) == ["missing-library"]


@pytest.mark.parametrize(
    "words", [["source directory", "error"], ["source", "directory", "error"], ["source directory error"]]
)
def test_several_words_work_quoted_or_not(words: Sequence[str]) -> None:
    told = explain("--no-look", *words)
    assert told.returncode == 0
    assert "numpy 1.25 to 2.3 says this for every import error" in " ".join(told.stdout.split())
    assert "NPD101 missing-library" in told.stdout


def test_the_name_of_a_library_is_enough() -> None:
    assert rules(answered("--no-look", "libstdc++.so.6")) == ["missing-library"]


def test_the_package_that_holds_a_library_is_named() -> None:
    assert answered("--no-look", MESSAGE)["supplied_by"] == "zlib"
    assert answered("--no-look", "libcuda.so.1")["supplied_by"] == "the GPU driver"
    assert answered("--no-look", "libc.so.6")["supplied_by"] is None


def test_a_rule_can_be_asked_for_by_what_it_is_about() -> None:
    told = explain("garbage", "collection", "venv")
    assert told.returncode == 0
    assert "NPD3" in told.stdout


@pytest.mark.parametrize("word", ["NPD101", "missing-library", "nix-ld"])
def test_a_page_has_a_json_form(word: str) -> None:
    plain = answered(word)
    assert plain["kind"] == "page"
    assert word in plain["names"]
    assert plain["text"].startswith("# ")


@pytest.mark.parametrize(
    ("word", "near"), [("NPD1O1", "NPD101"), ("NPD999", "NPD9"), ("mising-library", "missing-library")]
)
def test_an_unknown_name_is_a_usage_error_with_the_nearest_one(word: str, near: str) -> None:
    told = explain(word)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.count("\n") == 1
    assert near in told.stderr


# ── numpy's sentence means three things ──────────────────────────────────────────────────────────────────────────────

SENTENCE = "ImportError: Error importing numpy: you should not try to import numpy from its source directory"


@pytest.mark.parametrize(
    ("version", "means", "first"),
    [
        ("1.24.4", "means what it says: the folder", "NPD2"),
        ("1.26.4", "The folder you are in has nothing to do with it", "NPD101"),
        ("2.3.5", "The folder you are in has nothing to do with it", "NPD101"),
        ("2.4.0", "means what it says again", "NPD2"),
    ],
)
def test_numpys_sentence_is_explained_for_its_version(version: str, means: str, first: str) -> None:
    text = f'  * The NumPy version is: "{version}"\n{SENTENCE}; please exit the numpy source tree\n'
    plain = answered("--no-look", stdin=text.encode())
    assert plain["tells"]["numpy"] == version
    assert len(plain["means"]) == 1
    assert means in plain["means"][0]["text"]
    assert plain["causes"][0]["rule"].startswith(first)


def test_without_a_version_all_three_are_given() -> None:
    plain = answered("--no-look", SENTENCE)
    assert [one["for"] for one in plain["means"]] == ["numpy >=1.25,<2.4", "numpy <1.25", "numpy >=2.4"]


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose venv was moved: its console script names the old place."""
    folder = tmp_path_factory.mktemp("project")
    venv = folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    tool = venv / "bin" / "tool"
    tool.write_text("#!/nowhere/.venv/bin/python\nprint('never')\n")
    tool.chmod(0o755)
    (site,) = venv.glob("lib/python*/site-packages")
    info = site / "tool-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[console_scripts]\ntool = tool:main\n")
    (info / "RECORD").write_text("../../../bin/tool,,\ntool.py,,\ntool-1.0.dist-info/METADATA,,\n")
    (site / "tool.py").write_text("def main(): pass\n")
    return folder


def test_a_cause_is_confirmed_where_a_finding_is_about_the_texts_path(project: Path) -> None:
    tool = project / ".venv" / "bin" / "tool"
    said = subprocess.run(["/bin/sh", "-c", str(tool)], capture_output=True, text=True, check=False).stderr
    plain = answered(stdin=said.encode(), cwd=project)
    assert plain["looked_at"]["target"] == str(project / ".venv")
    assert plain["causes"][0]["state"] == "confirmed"
    assert plain["causes"][0]["name"] in ("moved-venv", "broken-console-script")
    text = explain(stdin=said.encode(), cwd=project).stdout
    assert "Seen on this machine" in text


def test_a_library_that_is_not_missing_here_is_said_to_be_not_seen(project: Path) -> None:
    plain = answered(
        "ImportError: libnowhere.so.7: cannot open shared object file: No such file or directory", cwd=project
    )
    assert plain["looked_at"]["target"] == str(project / ".venv")
    assert {cause["state"] for cause in plain["causes"]} == {"not seen"}
    assert "nixpydoctor check" in plain["decide"]


def test_a_module_that_no_distribution_brings_is_plainly_not_installed(project: Path) -> None:
    plain = answered("ModuleNotFoundError: No module named 'nothing_of_the_kind'", cwd=project)
    assert (plain["not_installed"], plain["causes"]) == ("nothing_of_the_kind", [])
    assert "plainly not installed" in explain("No module named 'nothing_of_the_kind'", cwd=project).stdout
    assert answered("ModuleNotFoundError: No module named 'tool'", cwd=project)["not_installed"] is None


def test_where_the_texts_paths_do_not_exist_nobody_looks() -> None:
    text = f'  File "/home/nobody-here/.venv/lib/python3.12/site-packages/numpy/__init__.py", line 1\n{MESSAGE}'
    plain = answered(stdin=text.encode())
    assert plain["looked_at"] is None
    assert plain["not_looked_because"] == "the paths in the text do not exist here"
    assert plain["decide"] == "nixpydoctor check /home/nobody-here/.venv"
    assert {cause["state"] for cause in plain["causes"]} == {"possible"}


def test_where_there_is_no_python_the_causes_are_ranked_all_the_same(tmp_path: Path) -> None:
    plain = answered(MESSAGE, cwd=tmp_path, path=str(tmp_path))
    assert plain["looked_at"] is None
    assert "no Python to examine" in plain["not_looked_because"]
    assert rules(plain)[0] == "missing-library"


def test_a_python_that_is_named_and_is_none_is_a_usage_error() -> None:
    told = explain("--python", "/nowhere/python", MESSAGE)
    assert (told.returncode, told.stdout) == (2, "")


# ── abstaining ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_text_of_nothing_known_is_answered_in_plain_words() -> None:
    told = explain(stdin=b"The quick brown fox\njumps over the lazy dog.\n")
    assert told.returncode == 0
    assert told.stdout.startswith("Nothing in this text (3 lines) speaks of libraries")
    plain = answered(stdin=b"The quick brown fox")
    assert (plain["known"], plain["foreign"], plain["causes"]) == (False, True, [])


def test_advice_that_is_popular_and_wrong_is_named_with_the_reason() -> None:
    text = f'  File "/nix/store/aaaa-python3-3.12.8/lib/python3.12/runpy.py", line 1\n{MESSAGE}'
    wrong = {one["advice"]: one for one in answered("--no-look", stdin=text.encode())["wrong"]}
    assert any("nix-ld" in advice for advice in wrong)
    assert any(one["harmful"] for one in wrong.values())
    assert all(one["why"] for one in wrong.values())
    elsewhere = f'  File "/home/you/.local/share/uv/python/cpython-3.12/lib/python3.12/runpy.py", line 1\n{MESSAGE}'
    assert not any(
        "nix-ld" in one["advice"]
        for one in answered("--no-look", stdin=elsewhere.encode())["wrong"]
        if "enable" in one["advice"]
    )


# ── bad input ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("data", [b"", b"\n\n", b"   \t\n"])
def test_an_empty_text_is_a_usage_error_that_says_how(data: bytes) -> None:
    told = explain(stdin=data)
    assert (told.returncode, told.stdout) == (2, "")
    assert "--file" in told.stderr


@pytest.mark.parametrize("data", [Path(sys.executable).resolve().read_bytes()[:200_000], os.urandom(50_000)])
def test_binary_is_called_so(data: bytes) -> None:
    told = explain(stdin=data)
    assert (told.returncode, told.stdout) == (2, "")
    assert "no text" in told.stderr
    assert told.stderr.count("\n") == 1


def test_bytes_that_are_no_utf8_do_not_hide_the_message() -> None:
    assert (
        rules(answered("--no-look", stdin=b"\xff\xfe caf\xe9\n" + MESSAGE.encode() + b"\n\xc3\x28"))[0]
        == "missing-library"
    )


def test_an_argument_that_is_no_utf8_does_not_hide_the_message() -> None:
    for form in ("text", "json"):
        told = tool.run("explain", "--no-look", "--format", form, b"\xff\xfe " + MESSAGE.encode())
        assert told.returncode == 0
        assert "NPD101" in told.stdout


def test_utf16_is_read() -> None:
    assert rules(answered("--no-look", stdin=MESSAGE.encode("utf-16")))[0] == "missing-library"


@pytest.mark.parametrize(("where", "total"), [(0.0, 10), (0.5, 100), (1.0, 10)])
def test_a_hundred_megabytes_are_read_in_bounded_memory(where: float, total: int) -> None:
    """The message is found at the start, in the middle and at the end, and the answer says what was only skimmed."""
    feeder = (
        "import sys\nout = sys.stdout.buffer\nline = b'2026-11-21 building step of something ' * 2 + b'\\n'\n"
        f"block = line * (1024 * 1024 // len(line))\nfor n in range({total}):\n"
        f"    if n == {int(where * (total - 1))}: out.write({MESSAGE!r}.encode() + b'\\n')\n    out.write(block)\n"
    )
    measured = (
        "import resource, subprocess, sys\n"
        f"feeder = subprocess.Popen([sys.executable, '-c', {feeder!r}], stdout=subprocess.PIPE)\n"
        "told = subprocess.run(sys.argv[1:], stdin=feeder.stdout, stdout=subprocess.PIPE, text=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, told.returncode)\nprint(told.stdout)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", measured, *TOOL, "--no-look"], capture_output=True, text=True, timeout=300, check=True
    )
    head, _, said = told.stdout.partition("\n")
    kib, code = map(int, head.split())
    assert code == 0
    assert kib < 100 * 1024
    assert "NPD101 missing-library" in said
    assert re.search(r"The text is long: \d+ KiB in its middle were only skimmed", " ".join(said.split()))


@pytest.mark.parametrize("name", ["/nowhere/log", "/", "/dev/null/x", "a\nb"])
def test_a_file_that_cannot_be_read_is_a_usage_error(name: str) -> None:
    told = explain("--file", name)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.count("\n") == 1


def test_a_text_from_two_places_is_a_usage_error(tmp_path: Path) -> None:
    told = explain("--file", str(tmp_path / "x"), MESSAGE)
    assert told.returncode == 2
    assert "not both" in told.stderr


def test_a_terminal_as_stdin_is_told_how_to_use_it() -> None:
    ours, theirs = pty.openpty()
    try:
        told = subprocess.run(TOOL, stdin=theirs, capture_output=True, text=True, timeout=60, check=False)
    finally:
        os.close(ours)
        os.close(theirs)
    assert (told.returncode, told.stdout) == (2, "")
    assert "2>&1 | nixpydoctor explain" in told.stderr


def test_a_closed_stdin_is_a_usage_error() -> None:
    command = f"exec \"{sys.executable}\" -c '{START}' explain <&-"
    told = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_of_the_text_moves_the_cursor_or_becomes_markup(form: str) -> None:
    text = (
        "\x1b]0;title\x07\x1b[2J[red]bold[/red] \u202e /tmp/\x1b[31m[link=x]lib\x07z.so.1\u202e: invalid ELF header\r\n"
    )
    text += f"{MESSAGE}\x1b[?25l"
    told = explain("--no-look", "--format", form, stdin=text.encode())
    assert told.returncode == 0
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", told.stdout)


def test_a_hostile_path_is_quoted_in_the_command_to_run() -> None:
    text = "bash: /tmp/$(touch${IFS}x);reboot/bin/python3: No such file or directory"
    plain = answered("--no-look", stdin=text.encode())
    assert "'" in plain["decide"]
    assert plain["decide"].endswith("'/tmp/$(touch${IFS}x);reboot/bin/python3'")

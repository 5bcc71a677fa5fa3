"""The documentation cannot lie: every console block that calls the tool is run and compared.

`check` replays the environment that ships for `demo`, so that the blocks say the same on every machine. A line that is
only `…` stands for any lines. `pytest tests/test_docs.py --update-golden` writes what the tool says today.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import nixpydoctor
import tool

ROOT = Path(__file__).parent.parent
DEMO = Path(nixpydoctor.__file__).with_name("demo.json")
PAGES = [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```console\n(?P<text>\$ nixpydoctor .*?)^```$", re.MULTILINE | re.DOTALL)


def _shown(text: str) -> list[tuple[str, str]]:
    """The commands of a block, each with the output that is shown below it."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def _run(command: str) -> str:
    words = shlex.split(command)
    assert words[0] == "nixpydoctor", f"a block that begins with nixpydoctor also runs {words[0]}"
    arguments = words[1:]
    if arguments[0] == "check":
        options = [word for word in arguments[1:] if word.startswith("-")]
        arguments = ["check", "--facts", str(DEMO), *options]
    environ = {"PATH": os.environ["PATH"], "COLUMNS": "100", "HOME": os.environ.get("HOME", "/")}
    done = tool.run(*arguments, env=environ, code=tool.PLAIN)
    assert done.returncode in (0, 1), done.stderr
    return re.sub(r"[ \t]+$", "", done.stdout, flags=re.MULTILINE)


def _matches(shown: str, said: str) -> bool:
    pattern = "".join("(?:.*\n)*?" if _elided(line) else re.escape(line) for line in shown.splitlines(True))
    return re.fullmatch(pattern, said) is not None


def _elided(shown: str) -> bool:
    return any(line.strip() == "…" for line in shown.splitlines())


def _blocks() -> list[tuple[Path, str]]:
    return [(page, found["text"]) for page in PAGES for found in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def test_there_are_blocks_to_run() -> None:
    assert len(_blocks()) >= 2


@pytest.mark.parametrize(
    ("page", "text"), _blocks(), ids=[f"{page.name}: {text.splitlines()[0]}" for page, text in _blocks()]
)
def test_a_console_block_shows_what_the_tool_says(page: Path, text: str, update_golden: bool) -> None:
    said = [(command, shown, _run(command)) for command, shown in _shown(text)]
    if update_golden:
        fresh = "".join(f"$ {command}\n{shown if _elided(shown) else out}" for command, shown, out in said)
        page.write_text(page.read_text(encoding="utf-8").replace(text, fresh), encoding="utf-8")
        return
    for command, shown, out in said:
        assert _matches(shown, out), f"{page.name} shows something else for `{command}` than:\n{out}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_the_readme_begins_with_the_two_commands() -> None:
    head = (ROOT / "README.md").read_text(encoding="utf-8")[:600]
    assert "make doctor" in head
    assert head.index("make doctor") < head.index("make test")


@pytest.mark.parametrize("target", re.findall(r"`make ([a-z]+)", "".join(page.read_text("utf-8") for page in PAGES)))
def test_every_make_target_that_the_pages_name_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_readmes_picture_is_of_what_the_tool_says(update_golden: bool) -> None:
    """`make pictures` draws it anew."""
    picture = ROOT / "docs" / "images" / "demo.svg"
    drawing = [sys.executable, str(ROOT / "tools" / "picture.py")]
    if update_golden:
        subprocess.run(drawing, check=True)
    drawn = subprocess.run([*drawing, "-"], capture_output=True, text=True, check=True).stdout
    assert picture.read_text(encoding="utf-8") == drawn
    assert "cdnjs" not in drawn


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """Every link between pages leads somewhere; each rule and remedy has its page and stands in the list."""
    from nixpydoctor.remedies import REMEDIES
    from nixpydoctor.rules import RULES

    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(tmp_path)]
    env = {**os.environ, "PYTHONWARNINGS": "default"}
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=env)
    assert (built.returncode, built.stderr.strip()) == (0, "")
    for folder, modules in (("rules", RULES), ("remedies", REMEDIES)):
        listed = (tmp_path / folder / "index.html").read_text(encoding="utf-8")
        for one in modules:
            page = one.module.rpartition(".")[2] + ".html"
            assert (tmp_path / folder / page).is_file(), page
            assert f'href="{page}"' in listed, page
    start = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|<link[^>]*href)="(https?:[^"]+)', start)

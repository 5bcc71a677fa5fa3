"""An explanation fits its reader: every width, with and without colours."""

from __future__ import annotations

import re

import pytest

from build import SITE, a_dist, an_object, facts
from nixpydoctor.doctor import diagnose
from nixpydoctor.explain.answer import Explanation, explain
from nixpydoctor.report import as_explanation
from nixpydoctor.report.view import View
from nixpydoctor.rules import RULES
from nixpydoctor.symptoms import read

CORE = "numpy/_core.cpython-312-x86_64-linux-gnu.so"
MESSAGE = "ImportError: libz.so.1: cannot open shared object file: No such file or directory"
TEXTS = (
    MESSAGE,
    "ImportError: you should not try to import numpy from its source directory",
    "ModuleNotFoundError: No module named 'requests'",
    "SyntaxError: invalid syntax",
    "Library not loaded: @rpath/libomp.dylib",
    "nothing",
)


def confirmed() -> Explanation:
    """A text and the machine that it comes from."""
    world = facts(
        a_dist(extensions=(CORE,)),
        objects=[an_object(f"{SITE}/{CORE}", "libz.so.1", "libc.so.6")],
        sources={"numpy/__init__.py": "from . import _core"},
    )
    return explain(read(MESSAGE, RULES), RULES, diagnose(world))


ALL = [confirmed(), *(explain(read(text, RULES), RULES) for text in TEXTS)]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("number", range(len(ALL)))
def test_no_line_is_wider_than_the_terminal_except_for_a_word(number: int, width: int) -> None:
    lines = as_explanation.render(ALL[number], View(width=width, wrap=True)).splitlines()
    assert len(lines) > 1
    for line in lines:
        assert len(line) <= max(width, 20) or " " not in line.strip() or _code(line), line


def _code(line: str) -> bool:
    """Code is meant to be copied, and a path stays whole after its label."""
    return line.startswith("      ") or "/" in line


@pytest.mark.parametrize("number", range(1, len(ALL)))
def test_colours_change_no_word(number: int) -> None:
    plain = as_explanation.render(ALL[number], View(width=100))
    painted = as_explanation.render(ALL[number], View(width=100, color=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain


def test_what_is_confirmed_is_shown_with_what_would_help() -> None:
    said = as_explanation.render(ALL[0], View(width=100))
    assert "Seen on this machine" in said
    assert "error[NPD101]" in said
    assert "What would help" in said
    assert "library-path" in said


def test_what_was_only_skimmed_is_said() -> None:
    assert "2048 KiB in its middle were only skimmed" in as_explanation.render(ALL[1], View(), 2 * 1024 * 1024)

"""Pages are found by what people remember of their names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nixpydoctor.explain.pages import Page, find, pages
from nixpydoctor.remedies import REMEDIES
from nixpydoctor.rules import RULES

KNOWN = (Page(("NPD101", "missing-library"), "# one"), Page(("nix-ld",), "# two"))


def test_every_rule_and_every_remedy_has_a_page() -> None:
    names = {name for page in pages() for name in page.names}
    assert names == {name for rule in RULES for name in (rule.id, rule.name)} | {remedy.name for remedy in REMEDIES}


@pytest.mark.parametrize(
    "word", ["NPD101", "npd101", " missing-library ", "Missing-Library", "missing library", "`missing_library`."]
)
def test_capitals_and_spaces_do_not_matter(word: str) -> None:
    assert find(word, KNOWN) is KNOWN[0]


@pytest.mark.parametrize(
    ("word", "near"),
    [("NPD11", ("NPD101",)), ("missing-libary", ("missing-library",)), ("nixld", ("nix-ld",)), ("xyzzy", ()), ("", ())],
)
def test_an_unknown_word_gives_the_nearest_names(word: str, near: tuple[str, ...]) -> None:
    assert find(word, KNOWN) == near


def test_no_rule_is_imported_for_a_page() -> None:
    """A page is there at once, however many rules there are."""
    code = "import sys; from nixpydoctor.explain.pages import pages; list(pages())\n"
    code += "print('nixpydoctor.rules' in sys.modules or 'nixpydoctor.symptoms' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"

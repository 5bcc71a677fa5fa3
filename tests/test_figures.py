"""The figures on the pages are the last ones: copied from where they are written, never typed a second time.

`make lab` writes `accuracy.md`; whoever runs `make bench` puts its table into the README.
`pytest tests/test_figures.py --update-golden` copies both to where they are shown as well.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
ACCURACY = ROOT / "docs" / "explanation" / "accuracy.md"
MEASURED = ROOT / "docs" / "explanation" / "measured.md"


def table(text: str, heading: str) -> list[str]:
    """The first table below a heading."""
    _, _, below = text.partition(f"\n{heading}\n")
    lines = below.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|"))
    end = next((number for number, line in enumerate(lines[start:], start) if not line.startswith("|")), len(lines))
    return lines[start:end]


def sums(rows: list[str], name: str = "") -> list[str]:
    """The head of the table, and its rows for whole lists; of one list where it is named."""
    return [*rows[:2], *(row for row in rows[2:] if row.startswith(f"| **{name}"))]


def marked(text: str, name: str, rows: list[str]) -> str:
    """`text` with these rows between `<!-- name -->` and `<!-- / -->`."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- / -->)", re.DOTALL)
    assert len(pattern.findall(text)) == 1, f"a place for {name}"
    inside = "\n".join(["", *rows, "", ""])
    return pattern.sub(lambda match: match[1] + inside + match[2], text)


def fresh(page: Path) -> str:
    """The page as it should be."""
    accuracy, text = ACCURACY.read_text(encoding="utf-8"), page.read_text(encoding="utf-8")
    today = table(accuracy, "## Today")
    if page == README:
        return marked(text, "accuracy", sums(today, "all"))
    text = marked(text, "accuracy", sums(today))
    text = marked(text, "first looks", table(accuracy, "## First looks"))
    return marked(text, "speed", table(README.read_text(encoding="utf-8"), "## How fast"))


@pytest.mark.parametrize("page", [README, MEASURED], ids=lambda page: page.name)
def test_a_page_shows_the_last_figures(page: Path, update_golden: bool) -> None:
    if update_golden:
        page.write_text(fresh(page), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == fresh(page), "pytest tests/test_figures.py --update-golden"

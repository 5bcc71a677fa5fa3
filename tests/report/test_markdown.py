"""Pages and instructions on a terminal."""

from __future__ import annotations

from nixpydoctor.report.markdown import show
from nixpydoctor.report.view import View

PAGE = """# Title

A paragraph with `code that has spaces` and **bold** words that is long enough to be
wrapped at forty columns.

- one
- two, which is long enough to be wrapped at forty columns
1. first

```console
$ a command that is long enough to be wrapped but must not be
\tindented
```
See [the page](page.md), [a site](https://y) and [https://x](https://x).

| a | b |
|---|---|
| 1 | 2 |
"""


def test_paragraphs_are_wrapped_and_code_is_not() -> None:
    assert show(PAGE, View(width=40, wrap=True)) == [
        "Title",
        "",
        "A paragraph with `code that has spaces`",
        "and bold words that is long enough to be",
        "wrapped at forty columns.",
        "",
        "- one",
        "- two, which is long enough to be",
        "  wrapped at forty columns",
        "1. first",
        "",
        "  $ a command that is long enough to be wrapped but must not be",
        "      indented",
        "",
        "See the page, a site (https://y) and",
        "https://x.",
        "",
        "| a | b |",
        "|---|---|",
        "| 1 | 2 |",
    ]


def test_colours_take_the_place_of_marks() -> None:
    lines = show("# T\n\n**b** and `c`\n\n```\nx\n```", View(color=True))
    assert lines == ["\x1b[1mT\x1b[0m", "", "\x1b[1mb\x1b[0m and \x1b[36mc\x1b[0m", "", "\x1b[36m  x\x1b[0m"]


def test_code_that_never_ends_is_still_shown() -> None:
    assert show("```\nlost", View()) == ["  lost"]


def test_escape_sequences_of_strangers_are_written_out() -> None:
    assert show("a \x1b[2J b\n\n```\n\x07\n```", View()) == [r"a \x1b[2J b", "", r"  \x07"]

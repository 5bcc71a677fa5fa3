"""What happens to an error text on its way: colours, prefixes, broken lines, pasted twice, cut."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping


def _each(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "\n".join(change(line) for line in text.split("\n"))


def _cut(line: str, width: int = 60) -> str:
    return "\n".join(line[start : start + width] for start in range(0, max(len(line), 1), width))


def last_line(text: str) -> str:
    """Only the last line that says something."""
    return next(line for line in reversed(text.split("\n")) if line.strip())


def log(text: str) -> str:
    """In the middle of three hundred lines of a CI log."""
    before = [f"Collecting package-{number}" for number in range(150)]
    after = ["Cleaning up project directory and file based variables", "ERROR: Job failed: exit code 1"]
    lines = [*before, *text.split("\n"), *(f"step {number} skipped" for number in range(100)), *after]
    return "\n".join(f"2026-11-21T03:00:{number % 60:02}.{number:07}Z {line}" for number, line in enumerate(lines))


MANGLINGS: Mapping[str, Callable[[str], str]] = {
    "raw": lambda text: text,
    "cut at 60 columns": _each(_cut),
    "wrapped at 60 columns": _each(lambda line: "\n".join(textwrap.wrap(line, 60)) or line),
    "wrapped between words": _each(lambda line: "\n".join(textwrap.wrap(line, 60, break_on_hyphens=False)) or line),
    "timestamps": _each(lambda line: f"2026-11-21T03:00:00.123Z {line}"),
    "clock": _each(lambda line: f"[03:00:00] {line}"),
    "syslog": _each(lambda line: f"Nov 21 03:00:00 host app[4242]: {line}"),
    "compose": _each(lambda line: f"web-1  | {line}"),
    "buildkit": _each(lambda line: f"#12 3.456 {line}"),
    "quoted": _each(lambda line: f"> {line}"),
    "pytest": _each(lambda line: f"E   {line}"),
    "colours": _each(lambda line: f"\x1b[1;31m{line}\x1b[0m\x1b[K"),
    "colours without escapes": _each(lambda line: f"[31m{line}[0m"),
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "twice": lambda text: f"{text}\n{text}",
    "in one line of JSON": lambda text: '{"level": "error", "message": "' + text.replace("\n", "\\n") + '"}',
    "web page": lambda text: (
        text.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&quot;").replace("<", "&lt;")
    ),
    "typographic quotes": lambda text: text.replace("'", "’"),
    "CI log": log,
}

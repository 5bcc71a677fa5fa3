"""How much room and colour a reader has, and how a labelled line is laid out in it.

Colours are the sixteen that every terminal has (ECMA-48, Select Graphic Rendition), never the only bearer of a
meaning. Whether there are any follows no-color.org and bixense.com/clicolors: NO_COLOR beats every other wish.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from nixpydoctor.light import dataclass
from nixpydoctor.report.words import argument, fitted, short, wrapped

Color = Literal["auto", "always", "never"]
Style = Literal["error", "warning", "note", "good", "strong", "dim", "code"]

_CODES: Mapping[Style, str] = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "good": "1;32",
    "strong": "1",
    "dim": "2",
    "code": "36",
}
_LABEL = 10
_NARROW = 60
_UNBOUND = 1_000_000
_PIPE = 100
"""What a list is fitted into where nothing is known of the reader."""


def terminal(
    environ: Mapping[str, str], columns: int | None, color: Color = "auto", *, verbose: int = 0, home: str | None = None
) -> View:
    """The view for an output that is a terminal of so many columns, or none at all (None)."""
    told = environ.get("COLUMNS", "")
    width = int(told) if told.isascii() and told.isdigit() and len(told) < 5 and int(told) else columns or 0
    return View(
        width=max(width, 20) if width else _PIPE,
        wrap=bool(width),
        color=_colored(environ, columns is not None, color),
        verbose=verbose,
        home=home,
    )


def _colored(environ: Mapping[str, str], tty: bool, color: Color) -> bool:
    if environ.get("NO_COLOR") or color == "never":
        return False
    if environ.get("FORCE_COLOR") or color == "always" or environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return tty and environ.get("TERM", "") not in ("", "dumb", "unknown")


@dataclass(frozen=True, slots=True)
class View:
    """What the report may assume of its reader."""

    width: int = 100
    wrap: bool = False
    """False for a pipe: a line that is too long stays one line, so that `grep` finds what is in it."""
    color: bool = False
    verbose: int = 0
    """1: every finding. 2: every place searched."""
    screen: int = 40
    """How many lines a report should keep to where nobody asked for more."""
    home: str | None = None

    def paint(self, text: str, style: Style) -> str:
        """`text` in a colour, where there are colours."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.color and text else text

    def short(self, text: str) -> str:
        """`text` as this reader sees it: escaped, hashes and home shortened."""
        return short(text, self.home)

    def argument(self, path: str) -> str:
        """A path that stands in a command."""
        return argument(path, self.home)

    @property
    def narrow(self) -> bool:
        """Too little room for a column of labels."""
        return self.width < _NARROW

    @property
    def room(self) -> int:
        """Columns that are left beside a label."""
        return max(20, self.width - (4 if self.narrow else _LABEL + 3))

    def flow(self, words: Iterable[str], first: str = "", rest: str = "") -> list[str]:
        """Words as lines, broken only between words and only where the reader's lines end."""
        return wrapped(words, self.width if self.wrap else _UNBOUND, first, rest)

    def field(self, label: str, words: Iterable[str]) -> list[str]:
        """`  label      words …`, continued under the first word."""
        if self.narrow:
            return [f"  {self.paint(label, 'dim')}", *self.flow(words, "    ", "    ")]
        head, gap = f"  {label:<{_LABEL}} ", " " * (_LABEL + 3)
        first, *more = self.flow(words, head, gap)
        return [f"  {self.paint(label, 'dim')}{first[2 + len(label) :]}", *more]

    def sentence(self, label: str, text: str) -> list[str]:
        """A labelled sentence."""
        return self.field(label, self.short(text).split(" "))

    def items(self, label: str, items: Sequence[str], *, before: str = "") -> list[str]:
        """A labelled list: as much as one line holds, or all of it where the reader asked for more."""
        names = [self.short(item) for item in items]
        if not self.verbose:
            return self.field(label, (before + fitted(names, self.room - len(before))).split(" "))
        words = [f"{name}," for name in names[:-1]] + names[-1:]
        return self.field(label, [*before.split(), *words])

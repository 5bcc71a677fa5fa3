"""Tells which strings a regular expression cannot match without, so that most lines never meet the expression.

Reads the part of `re`'s syntax that symptoms are written in; where it is in doubt it promises less, never more.
"""

from __future__ import annotations

from functools import cache

_SPECIAL = set(".^$*+?{}[]|()")
_QUANTIFIERS = set("*+?{")
_CLASSES = set("wWdDsSbBAZ0123456789")


@cache
def literals(pattern: str) -> tuple[str, ...]:
    """Strings of which each match of `pattern` holds at least one, the longest to be had; none where none is sure."""
    reader = _Reader(pattern)
    found = reader.alternatives()
    return found if reader.at == len(pattern) else ()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.at = 0

    def alternatives(self) -> tuple[str, ...]:
        """A whole expression or the inside of a group: each alternative must promise something."""
        promised = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            promised.append(self._sequence())
        return tuple(dict.fromkeys(text for one in promised for text in one)) if all(promised) else ()

    def _sequence(self) -> tuple[str, ...]:
        best: tuple[str, ...] = ()
        run = ""
        while self._peek() not in ("", "|", ")"):
            char, inner = self._atom()
            times = self._quantifier()
            if char and times == "once":
                run += char
                continue
            if char and times == "some":
                run += char
            best = _better(best, (run,))
            run = ""
            if inner and times != "perhaps":
                best = _better(best, inner)
        return _better(best, (run,))

    def _atom(self) -> tuple[str, tuple[str, ...]]:
        """The character that an atom stands for, or what a group promises."""
        char = self._peek()
        self.at += 1
        if char == "\\":
            escaped = self._peek()
            self.at += 1
            return ("", ()) if escaped in _CLASSES else ({"n": "\n", "t": "\t"}.get(escaped, escaped), ())
        if char == "[":
            self._skip_class()
            return "", ()
        if char == "(":
            return "", self._group()
        return ("", ()) if char in _SPECIAL else (char, ())

    def _group(self) -> tuple[str, ...]:
        looks_around = False
        if self._pattern.startswith("?P<", self.at):
            self.at = self._pattern.index(">", self.at) + 1
        elif self._pattern.startswith("?:", self.at):
            self.at += 2
        elif self._peek() == "?":
            looks_around = True
            self.at += 1
        inner = self.alternatives()
        self.at += 1
        return () if looks_around else inner

    def _skip_class(self) -> None:
        if self._peek() == "^":
            self.at += 1
        if self._peek() == "]":
            self.at += 1
        while self._peek() not in ("", "]"):
            self.at += 2 if self._peek() == "\\" else 1
        self.at += 1

    def _quantifier(self) -> str:
        """`once`, `some` (one at least) or `perhaps`."""
        char = self._peek()
        if char not in _QUANTIFIERS or char == "":
            return "once"
        if char == "{":
            end = self._pattern.index("}", self.at)
            least = self._pattern[self.at + 1 : end].partition(",")[0]
            self.at = end + 1
            times = "some" if least.isdigit() and int(least) else "perhaps"
        else:
            self.at += 1
            times = "some" if char == "+" else "perhaps"
        if self._peek() in ("?", "+"):  # lazy or possessive
            self.at += 1
        return times

    def _peek(self) -> str:
        return self._pattern[self.at : self.at + 1]


def _better(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Whichever has the longer shortest string: it is met more rarely."""
    return max(one, other, key=lambda texts: min(map(len, texts), default=0)) if all(other) else one

"""Finds the tracebacks of a text and which of them belong together: Python prints a chain's first exception first.

`During handling of …` joins what `raise` met in a handler, `The above exception was …` what `raise … from` named
(`traceback.TracebackException.format`).
"""

from __future__ import annotations

from nixpydoctor.light import NamedTuple
from nixpydoctor.symptoms.paste import bare

_TRACEBACK = "Traceback (most recent call last)"
_CONNECTORS = (
    "During handling of the above exception, another exception occurred",
    "The above exception was the direct cause of the following exception",
)


class Link(NamedTuple):
    """The lines of one exception, its traceback and what follows it up to the next one."""

    start: int
    """Index of its first line."""
    end: int
    """Index after its last line."""
    chain: int
    """Links with the same number are one chain, the first cause first."""


def chains(lines: list[str]) -> tuple[Link, ...]:
    """Every traceback of a text."""
    starts: list[tuple[int, int]] = []
    chain, joined = 0, False
    for number, line in enumerate(lines):
        if any(connector in line for connector in _CONNECTORS):
            joined = True
        elif _TRACEBACK in line and (_TRACEBACK in bare(line)[:80] or not starts):
            chain += not joined
            starts.append((number, chain))
            joined = False
    ends = [*(start for start, _ in starts[1:]), len(lines)][: len(starts)]
    return tuple(Link(start, end, chain) for (start, chain), end in zip(starts, ends, strict=True))

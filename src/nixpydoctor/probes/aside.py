"""Lets a second process work something out while this one goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nixpydoctor.probes.fork import begin


def aside(work: Callable[[], list[Any]]) -> Callable[[], list[Any] | None]:
    """Begin `work` in a child. What is returned waits for its answer, plain values: None where there is none."""
    helper = begin(lambda line: line.say(work()))
    if helper is None:
        return lambda: None

    def answer() -> list[Any] | None:
        try:
            said: list[Any] | None = helper.hear()
        finally:
            helper.end()
        return said

    return answer

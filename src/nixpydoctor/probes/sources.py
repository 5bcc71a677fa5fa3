"""Has the target's own Python parse the sources that the tool's Python cannot: its grammar is another one.

One child a folder, which lowers all of the folder's files that need it (`formats/source.py`, whose own text it runs).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from nixpydoctor import packaged
from nixpydoctor.edges import Source
from nixpydoctor.facts import FsPath, join, leaf, parent
from nixpydoctor.probes.child import Child

TIMEOUT = 20.0
"""Seconds for one folder."""
_MOST = 200
"""Files of one folder."""
_LARGEST = 1 << 22


def script() -> str:
    """What the child runs: the lowering's own modules, one behind the other."""
    return "".join([packaged.text(f"formats/{name}.py") for name in ("expressions", "definitions", "source")])


class Elsewhere:
    """Sources as the target's Python reads them. After a child that did not answer, none is started any more."""

    def __init__(self, command: str, environ: Mapping[str, str], timeout: float = TIMEOUT) -> None:
        self._command = command
        self._environ = environ
        self._timeout = timeout
        self._answers: dict[FsPath, Source | None] = {}
        self._silent = False

    def __call__(self, path: FsPath) -> Source | None:
        """What importing the source at `path` executes; None where this Python cannot parse it either."""
        if path not in self._answers and not self._silent:
            self._ask([path, *(other for other in _foreign_beside(path) if other not in self._answers)])
        return self._answers.get(path)

    def _ask(self, paths: list[FsPath]) -> None:
        command = [self._command, "-B", "-I", "-c", script(), *paths]
        outcome = Child(command, self._environ, self._timeout).finish()
        lines = outcome.stdout.splitlines()
        self._silent = outcome.code != 0 or len(lines) != len(paths)
        for path, line in zip(paths, lines, strict=False):
            self._answers[path] = _read(line)


def _foreign_beside(path: FsPath) -> Iterable[FsPath]:
    """Other sources of the same folder that the tool's Python cannot parse."""
    from nixpydoctor.formats.source import parse

    folder = parent(path)
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".py") and name != leaf(path))
    except OSError:
        return
    for name in names[:_MOST]:
        other = join(folder, name)
        with suppress(OSError):
            if os.path.isfile(other) and os.path.getsize(other) <= _LARGEST:
                with open(other, "rb") as file:
                    if parse(file.read()) is None:
                        yield other


def _read(line: bytes) -> Source | None:
    """One answer: lowered syntax, or null for what cannot be parsed there either."""
    from nixpydoctor.formats.reduced import reduce

    try:
        plain: Any = json.loads(line)
        return reduce(plain) if plain is not None else None
    except (ValueError, TypeError, LookupError):
        return None

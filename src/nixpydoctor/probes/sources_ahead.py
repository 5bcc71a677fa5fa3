"""Reads Python sources in a second process while the import walk is still at others.

The walk goes deep first; the other process goes broad, from the modules that the walk comes to last. Each says in
shared memory which sources it takes, so hardly any is read twice; what is not told is read here.
"""

from __future__ import annotations

import mmap
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from nixpydoctor.edges import (
    Attempt,
    Bind,
    Branch,
    Function,
    Handler,
    Import,
    Leave,
    Loop,
    Raise,
    Run,
    Source,
    Term,
)
from nixpydoctor.facts import FsPath
from nixpydoctor.probes.fork import Helper, Line, begin

SLOTS = 1 << 17
"""More than an environment has sources that somebody imports; a power of two."""
_COUNTED = 0
"""The place of the shared memory that tells how many sources are read there; claims follow."""

_KINDS: tuple[Callable[..., Any], ...] = (
    Import, Source, Bind, Run, Branch, Handler, Attempt, Loop, Raise, Leave, Function, Term,
)  # fmt: skip
_IMPORT = 0
_PLACES = {kind: place for place, kind in enumerate(_KINDS)}

Reading = Callable[[FsPath], Source | None]
Following = Callable[[FsPath, Source], Iterable[FsPath]]


class SourcesAhead:
    """The sources that a second process has read: none before somebody expects any."""

    def __init__(self) -> None:
        self._helper: Helper | None = None
        self._claims: Claims | None = None
        self._heard = 0
        self._told: dict[FsPath, Any] = {}

    def expect(self, paths: Iterable[FsPath], read: Reading, follow: Following) -> None:
        """These will be asked for, and what `follow` tells of each, after `read` has read it: both work there."""
        self.end()
        claims, self._heard = Claims(), 0
        self._helper = begin(lambda line: _work(line, claims, paths, read, follow))
        self._claims = claims if self._helper is not None else None

    def source(self, path: FsPath) -> Source | None:
        """What a source imports, loosely; None where it is to be read here."""
        if self._claims is not None:
            while self._heard < self._claims.count and self._hear():
                pass
            while path not in self._told and self._claims.theirs(path) and self._hear():
                pass
            self._claims.take(path)
        found = self._told.pop(path, None)
        return None if found is None else _made(found)

    def end(self) -> None:
        """Let go of the other process, wherever it is."""
        if self._helper is not None:
            self._helper.end()
            self._helper = self._claims = None

    def _hear(self) -> bool:
        """Take in one source; False where there is none any more."""
        told = self._helper.hear() if self._helper is not None else None
        if told is None:
            return False
        path, self._told[path] = told
        self._heard += 1
        return True


class Claims:
    """Which process has taken which source, in memory that both share.

    Who finds a place taken for another path goes without a claim; then a source may be read twice.
    """

    def __init__(self) -> None:
        self._places = memoryview(mmap.mmap(-1, (1 + SLOTS) * 8)).cast("Q")

    @property
    def count(self) -> int:
        """How many sources the other process has told."""
        return self._places[_COUNTED]

    def take(self, path: FsPath) -> None:
        """This process has it, or reads it now."""
        place, mark = _claim(path)
        if not self._places[place]:
            self._places[place] = mark

    def theirs(self, path: FsPath) -> bool:
        """Whether the other process has taken it."""
        place, mark = _claim(path)
        return self._places[place] == mark | 1

    def begin(self, path: FsPath) -> bool:
        """In the other process: whether nobody has it, and it is theirs from now on."""
        place, mark = _claim(path)
        if self._places[place] in (mark, mark | 1):
            return False
        self._places[place] = mark | 1
        return True

    def tell(self) -> None:
        """In the other process: one more source is told."""
        self._places[_COUNTED] += 1


def _claim(path: FsPath) -> tuple[int, int]:
    """The place of a path, and what stands there when it is taken: an even number, odd where the other process has it.

    Both processes have the same hashes: one is a copy of the other.
    """
    mark = hash(path) & 0xFFFFFFFFFFFFFFFE | 2
    return 1 + (mark >> 2) % SLOTS, mark


def _work(line: Line, claims: Claims, paths: Iterable[FsPath], read: Reading, follow: Following) -> None:
    """What the second process does, until everything is read."""
    ahead = deque(paths)
    known = set(ahead)
    while ahead:
        path = ahead.popleft()
        if not claims.begin(path):
            continue
        source = read(path)
        line.say((path, _plain(source)))
        claims.tell()
        if source is not None:
            more = [one for one in follow(path, source) if one not in known]
            known.update(more)
            ahead.extend(more)


def _plain(value: Any) -> Any:
    """A source as plain values: what is a list was one of the nouns.

    Facts files have a form of their own (`codec`), which goes by annotations: a check does without what reads those.
    """
    kind = type(value)
    if kind is tuple:
        return tuple([_plain(part) for part in value])
    if kind is Import:
        return [_IMPORT, value.module, value.names, value.binds]
    place = _PLACES.get(kind)
    return value if place is None else [place, *[_plain(getattr(value, name)) for name in kind.__match_args__]]


def _made(value: Any) -> Any:
    """The same again as it was."""
    kind = type(value)
    if kind is tuple:
        return tuple([_made(part) for part in value])
    if kind is not list:
        return value
    return _import(*value[1:]) if value[0] == _IMPORT else _KINDS[value[0]](*[_made(part) for part in value[1:]])


@lru_cache(maxsize=8192)
def _import(module: str, names: tuple[str, ...], binds: tuple[tuple[str, str], ...]) -> Import:
    """The same few statements open most sources."""
    return Import(module, names, binds)

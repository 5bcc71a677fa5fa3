"""Looks symbols up in real objects: which ones an object takes from others, and who has them.

Tables are read when somebody asks, and what an object defines is kept: a few libraries serve everybody.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from struct import error
from types import MappingProxyType
from typing import TYPE_CHECKING

from nixpydoctor.facts import FsPath
from nixpydoctor.formats.exports import exports
from nixpydoctor.formats.headers import ABSENT, DT_VERDEF, Dynamic, Read, RefusedError
from nixpydoctor.formats.symbols import Symbols, hashed

if TYPE_CHECKING:
    from nixpydoctor.probes.ahead import Ahead

Opener = Callable[[FsPath, Callable[[Read, os.stat_result], object]], object]
SHOWN = 20
"""How many names of one object are told."""


class SymbolReader:
    """The symbols of this machine's objects."""

    def __init__(
        self, opener: Opener, tables: Mapping[FsPath, Dynamic] = MappingProxyType({}), ahead: Ahead | None = None
    ) -> None:
        self._ahead = ahead
        """Who looks symbols up as well."""
        self._open = opener
        self._tables = tables
        """Where the tables of objects are that somebody read before."""
        self._defined: dict[FsPath, frozenset[bytes] | None] = {}
        self._held: dict[FsPath, frozenset[bytes] | frozenset[int] | None] = {}
        self._hashes: dict[bytes, int] = {}
        self._wanted: dict[tuple[FsPath, tuple[FsPath, ...], bool], list[bytes]] = {}
        self._answers: dict[tuple[FsPath, tuple[FsPath, ...], tuple[FsPath, ...], bool], list[bytes]] = {}
        self._bases: dict[tuple[FsPath, ...], frozenset[bytes] | None] = {}

    def settled(self, path: FsPath, base: tuple[FsPath, ...], more: tuple[FsPath, ...], every: bool) -> bool:
        """Whether this scope defines all that the object looks for (`disk.Symbols`)."""
        return not self._left(path, base, more, every)

    def lacking(
        self, path: FsPath, base: tuple[FsPath, ...], more: tuple[FsPath, ...], every: bool, lazy: bool
    ) -> tuple[str, ...]:
        """Names that the object looks for and that nobody in this scope defines (`disk.Symbols`)."""
        left = self._left(path, base, more, every)
        if not left:
            return ()
        found = self._safely(path, lambda symbols: symbols.bound(left, lazy=lazy))
        names = found[:SHOWN] if isinstance(found, list) else ()
        return tuple([name.decode("utf-8", "surrogateescape") for name in names])

    def defining(self, symbol: str, paths: Iterable[FsPath]) -> tuple[FsPath, ...]:
        """Which of these objects define a symbol."""

        def take(read: Read, status: os.stat_result) -> bool | None:
            return exports(read, status.st_size, symbol)

        return tuple([path for path in paths if self._open(path, take) is True])

    def elsewhere(
        self, base: tuple[FsPath, ...], paths: Sequence[FsPath], needs: Sequence[tuple[int, ...]], asked: Sequence[int]
    ) -> Callable[[], frozenset[FsPath]] | None:
        """Let the other process find out who is settled (`disk.Symbols`)."""
        return self._ahead.settled(base, paths, needs, asked) if self._ahead is not None else None

    def _left(self, path: FsPath, base: tuple[FsPath, ...], more: tuple[FsPath, ...], every: bool) -> list[bytes]:
        left = self._beyond(path, base, every)
        if not left or not more:
            return left
        key = (path, base, more, every)
        if key not in self._answers:
            others = [one for one in more if one != path]  # what an object takes from others it does not have itself
            self._answers[key] = self._without(left, sorted(others, key=self._reluctance))
        return self._answers[key]

    def _reluctance(self, path: FsPath) -> int:
        """Whose names are known comes first, who gives names a version last: mostly nobody else has to be read then."""
        if path in self._held:
            return 0
        known = self._tables.get(path)
        return 1 if known is None or known.tags.get(DT_VERDEF) == ABSENT else 2

    def _without(self, left: list[bytes], providers: Iterable[FsPath]) -> list[bytes]:
        """The names that none of these has; empty where one of them cannot be read."""
        hashes = self._hashes
        for name in left:
            if name not in hashes:
                hashes[name] = hashed(name)
        wanted = {hashes[name] for name in left}
        for provider in providers:
            have = self._holds(provider)
            if have is None:
                return []
            wanted = wanted - have
            if provider in self._defined:  # some tell no hashes, but names
                left = [name for name in left if name not in have]
                wanted &= {hashes[name] for name in left}
            if not wanted:
                return []
        return [name for name in left if hashes[name] in wanted]

    def _beyond(self, path: FsPath, base: tuple[FsPath, ...], every: bool) -> list[bytes]:
        """What the object takes from others than `base`."""
        key = (path, base, every)
        left = self._wanted.get(key)
        if left is None:
            known = self._base(base)
            found = known is not None and self._safely(path, lambda symbols: symbols.wanted(known, every=every))
            left = self._wanted[key] = found if isinstance(found, list) else []
        return left

    def _base(self, paths: tuple[FsPath, ...]) -> frozenset[bytes] | None:
        if paths not in self._bases:
            if self._ahead is not None:
                self._ahead.base(paths)
            each = [self._of(path) for path in paths]
            whole = [names for names in each if names is not None]
            self._bases[paths] = frozenset[bytes]().union(*whole) if len(whole) == len(each) else None
        return self._bases[paths]

    def _holds(self, path: FsPath) -> frozenset[bytes] | frozenset[int] | None:
        """What an object defines: the hashes of the names where it has them, else the names; None as for `_of`."""
        if path not in self._held:
            found = self._safely(path, lambda symbols: symbols.hashes())
            self._held[path] = found if isinstance(found, frozenset) else self._of(path)
        return self._held[path]

    def _of(self, path: FsPath) -> frozenset[bytes] | None:
        """What an object defines; None where that cannot be read: then nobody is said to lack anything."""
        if path not in self._defined:
            found = self._safely(path, lambda symbols: symbols.defined())
            self._defined[path] = found if isinstance(found, frozenset) else None
        return self._defined[path]

    def _safely(self, path: FsPath, take: Callable[[Symbols], object]) -> object:
        """What `take` makes of the object's symbols; None for tables that are no honest ones."""
        known = self._tables.get(path)
        try:
            return self._open(path, lambda read, status: take(Symbols(read, status.st_size, known)))
        except (RefusedError, error):
            return None

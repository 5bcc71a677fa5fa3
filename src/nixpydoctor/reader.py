"""What a `Disk` may ask of a machine, and what a machine on which nothing exists would answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from nixpydoctor.edges import Source
from nixpydoctor.facts import FsPath, Loader, Object, Unread

if TYPE_CHECKING:
    from nixpydoctor.darwin import MachO

Kind = Literal["file", "folder", "other"]
"""What stands at a path, symbolic links followed."""

Unbound = tuple[tuple[FsPath, str], ...]
"""(object, symbol): what is looked for in vain when these objects are bound."""


class Symbols(Protocol):
    """Who can be asked about the symbols of objects. The scope is `base`, mostly the same one, and then `more`.

    A symbol that wants a version counts only where `every`; `lazy` leaves out what is bound by the first call.
    """

    def settled(self, path: FsPath, base: tuple[FsPath, ...], more: tuple[FsPath, ...], every: bool) -> bool:
        """Whether every strong symbol that the object at `path` takes from others is defined in this scope."""
        ...

    def lacking(
        self, path: FsPath, base: tuple[FsPath, ...], more: tuple[FsPath, ...], every: bool, lazy: bool
    ) -> tuple[str, ...]:
        """The symbols that are not, and that are looked for, in the order in which they are."""
        ...

    def defining(self, symbol: str, paths: Iterable[FsPath]) -> tuple[FsPath, ...]:
        """Which of these objects define a symbol."""
        ...

    def elsewhere(
        self, base: tuple[FsPath, ...], paths: Sequence[FsPath], needs: Sequence[tuple[int, ...]], asked: Sequence[int]
    ) -> Callable[[], frozenset[FsPath]] | None:
        """Let somebody else find out who is settled, while we go on; what is returned waits for their answer.

        `needs`: for each of `paths` the places of what it needs; `asked`: the places of those in question. After `base`
        an object's scope is all that it draws in so. Whoever is in the answer is settled, without `every`. None where
        there is nobody else.
        """
        ...


class Reader(Protocol):
    """The only way from here to a machine. None always means: there is nothing at that path."""

    def objects(self, path: FsPath) -> tuple[Object, ...] | Unread | None: ...

    def slices(self, path: FsPath) -> tuple[MachO, ...] | Unread | None: ...

    def cached(self, path: FsPath) -> bool | None: ...

    def names(self, folder: FsPath) -> frozenset[str] | None: ...

    def link(self, path: FsPath) -> FsPath | None: ...

    def text(self, path: FsPath) -> str | Unread | None: ...

    def expect(self, paths: Sequence[FsPath], follow: Callable[[FsPath, Source], Iterable[FsPath]]) -> None: ...

    def imports(self, path: FsPath, *, exact: bool) -> Source | Unread | None: ...

    def program(self, name: str) -> FsPath | None: ...

    def loader(self, interp: FsPath) -> Loader | None: ...

    def stored(self, name: str) -> tuple[FsPath, ...]: ...

    def requisites(self, path: FsPath) -> tuple[FsPath, ...]: ...

    @property
    def symbols(self) -> Symbols: ...

    def attribute(self, name: str) -> bool | None: ...

    def kind(self, path: FsPath) -> Kind | None: ...

    def archive(self, path: FsPath) -> frozenset[str] | None: ...


class Nothing:
    """The reader of a disk on which nothing else exists: what is not laid over it is absent."""

    def __init__(self, symbols: Symbols | None = None) -> None:
        self.symbols: Symbols = symbols or Told({})

    def objects(self, path: FsPath) -> None:
        return None

    def slices(self, path: FsPath) -> None:
        return None

    def cached(self, path: FsPath) -> None:
        return None

    def names(self, folder: FsPath) -> None:
        return None

    def link(self, path: FsPath) -> None:
        return None

    def text(self, path: FsPath) -> None:
        return None

    def expect(self, paths: Sequence[FsPath], follow: Callable[[FsPath, Source], Iterable[FsPath]]) -> None:
        return None

    def imports(self, path: FsPath, *, exact: bool) -> None:
        return None

    def program(self, name: str) -> None:
        return None

    def loader(self, interp: FsPath) -> None:
        return None

    def stored(self, name: str) -> tuple[FsPath, ...]:
        return ()

    def requisites(self, path: FsPath) -> tuple[FsPath, ...]:
        return ()

    def attribute(self, name: str) -> None:
        return None

    def kind(self, path: FsPath) -> None:
        return None

    def archive(self, path: FsPath) -> None:
        return None


class Told:
    """Symbols as they are told: of each object, the names that it takes from others and those that it defines."""

    def __init__(self, told: Mapping[FsPath, tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
        self._told = told

    def settled(self, path: FsPath, base: tuple[FsPath, ...], more: tuple[FsPath, ...], every: bool) -> bool:
        return not self.lacking(path, base, more, every, False)

    def lacking(
        self, path: FsPath, base: tuple[FsPath, ...], more: tuple[FsPath, ...], every: bool, lazy: bool
    ) -> tuple[str, ...]:
        takes, _ = self._told.get(path, ((), ()))
        return tuple(name for name in takes if not self.defining(name, (*base, *more)))

    def elsewhere(
        self, base: tuple[FsPath, ...], paths: Sequence[FsPath], needs: Sequence[tuple[int, ...]], asked: Sequence[int]
    ) -> None:
        return None

    def defining(self, symbol: str, paths: Iterable[FsPath]) -> tuple[FsPath, ...]:
        return tuple(path for path in paths if symbol in self._told.get(path, ((), ()))[1])

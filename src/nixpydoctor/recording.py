"""What a disk has answered, question by question: the part of it that a facts file holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nixpydoctor.edges import Source
from nixpydoctor.facts import FsPath, Loader, Object, Unread, leaf, parent
from nixpydoctor.light import dataclass, field
from nixpydoctor.reader import Kind, Unbound

if TYPE_CHECKING:
    from nixpydoctor.darwin import MachO


class NotRecorded(LookupError):  # noqa: N818 - what it says, not that it is an error
    """A replayed disk was asked about a path that the recording does not hold."""

    def __init__(self, question: str, path: str) -> None:
        super().__init__(f"{question} of {path}")
        self.question = question
        self.path = path


@dataclass(slots=True)
class Recording:
    """Every answer that a disk has given, each table growing as it is asked: what a facts file holds of it."""

    objects: dict[FsPath, tuple[Object, ...] | Unread | None] = field(default_factory=dict)
    names: dict[FsPath, frozenset[str] | None] = field(default_factory=dict)
    links: dict[FsPath, FsPath | None] = field(default_factory=dict)
    texts: dict[FsPath, str | Unread | None] = field(default_factory=dict)
    imports: dict[FsPath, Source | Unread | None] = field(default_factory=dict)
    programs: dict[str, FsPath | None] = field(default_factory=dict)
    loaders: dict[FsPath, Loader | None] = field(default_factory=dict)
    stored: dict[str, tuple[FsPath, ...]] = field(default_factory=dict)
    requisites: dict[FsPath, tuple[FsPath, ...]] = field(default_factory=dict)
    attributes: dict[str, bool | None] = field(default_factory=dict)
    kinds: dict[FsPath, Kind | None] = field(default_factory=dict)
    archives: dict[FsPath, frozenset[str] | None] = field(default_factory=dict)
    unbound: dict[FsPath, Unbound] = field(default_factory=dict)
    """By the object that is opened; one that lacks nothing is left out."""
    defining: dict[str, tuple[FsPath, ...]] = field(default_factory=dict)
    slices: dict[FsPath, tuple[MachO, ...] | Unread | None] = field(default_factory=dict)
    cached: dict[FsPath, bool] = field(default_factory=dict)
    """What dyld said of its shared cache; empty where it was not asked."""

    def copy(self) -> Recording:
        """The same answers, free to grow apart."""
        return Recording(**{name: dict(getattr(self, name)) for name in Recording.__match_args__})

    def fill(self, slices: Iterable[MachO]) -> None:
        """Add these, and all that follows from what the tables hold: folders with their names, and what is a file."""
        for part in slices:
            before = self.slices.get(part.path)
            self.slices[part.path] = (*before, part) if isinstance(before, tuple) else (part,)
        files = [*self.objects, *self.slices, *self.imports]
        folders: dict[FsPath, set[str]] = {}
        for path in [*files, *self.texts, *self.links]:
            here: FsPath = path
            while (up := parent(here)) != here:
                folders.setdefault(up, set()).add(leaf(here))
                here = up
        self.names.update({folder: frozenset(names) for folder, names in folders.items()})
        self.kinds.update(dict.fromkeys(files, "file"))

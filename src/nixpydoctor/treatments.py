"""A remedy is a known way out; a treatment is that way fitted to these facts, with the facts as they would be then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

from nixpydoctor import packaged
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.findings import Finding
from nixpydoctor.light import dataclass, field

if TYPE_CHECKING:
    from nixpydoctor.case import Case


class Reach(IntEnum):
    """How far a treatment goes. The smallest that cures comes first."""

    SHELL = 1
    VENV = 2
    PROJECT = 3
    SYSTEM = 4


@dataclass(frozen=True, slots=True)
class WriteText:
    """Create a text file."""

    path: FsPath
    text: str


Edit = WriteText
"""A change to the disk that `fix --apply` can do and undo. Grows with the remedies that edit."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A file's text to paste, with the name of the file it belongs in."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Treatment:
    """A remedy fitted to these facts."""

    remedy: Remedy
    reach: Reach
    instructions: str
    """Markdown: what to do, copy and paste."""
    after: Facts
    """The facts as they would be: rules run again on these."""
    basis: Literal["simulated", "assumed"] = "simulated"
    assumes: tuple[str, ...] = ()
    """What must hold for it to cure, one sentence each."""
    files: tuple[Snippet, ...] = ()
    edits: tuple[Edit, ...] = ()
    scope: str = ""
    """Whom it reaches, as the rest of a sentence: said where it cures nothing here."""


@dataclass(frozen=True, slots=True)
class NotHere:
    """A remedy that has no form for these facts, and why."""

    why: str


@dataclass(frozen=True)
class Remedy:
    """A known way out of trouble."""

    title: str
    fit: Callable[[Case, Sequence[Finding]], Iterable[Treatment | NotHere]] = field(compare=False, repr=False)
    module: str = ""

    @property
    def name(self) -> str:
        """The function's name in kebab case."""
        return self.fit.__name__.replace("_", "-")

    @property
    def page(self) -> str:
        """The Markdown beside the module."""
        return packaged.page(self.module)


def remedy(
    title: str,
) -> Callable[[Callable[[Case, Sequence[Finding]], Iterable[Treatment | NotHere]]], Remedy]:
    """Turn a function `(Case, findings) -> treatments` into the `Remedy` that it is; nothing is registered."""

    def make(fit: Callable[[Case, Sequence[Finding]], Iterable[Treatment | NotHere]]) -> Remedy:
        return Remedy(title, fit, fit.__module__)

    return make

"""A remedy is a known way out; a treatment is that way fitted to these facts, with the facts as they would be then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Literal, assert_never

from nixpydoctor import packaged
from nixpydoctor.facts import Elf, Facts, FsPath, Object
from nixpydoctor.findings import Finding
from nixpydoctor.light import dataclass, field, replace

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
    """Create a text file where there is none."""

    path: FsPath
    text: str


@dataclass(frozen=True, slots=True)
class SetSearchPath:
    """Give an object this RPATH or RUNPATH; the other tag stays as it is."""

    path: FsPath
    tag: Literal["rpath", "runpath"]
    dirs: tuple[str, ...]
    """The whole search path, tokens such as `$ORIGIN` as they are written."""


Edit = SetSearchPath | WriteText
"""A change to the disk that `fix --apply` can do and undo. Grows with the remedies that edit."""


def edited(facts: Facts, edits: Iterable[Edit]) -> Facts:
    """The facts after these edits: what `fix --apply` does to the disk, done to an overlay of it.

    Raises `LookupError` for a search path of what is no object.
    """
    objects: dict[FsPath, tuple[Object, ...]] = {}
    texts: dict[FsPath, str] = {}
    for edit in edits:
        match edit:
            case WriteText(path, text):
                texts[path] = text
            case SetSearchPath(path, tag, dirs):
                found = objects.get(path) or facts.disk.objects(path)
                if not isinstance(found, tuple) or not found or not isinstance(found[0], Elf):
                    raise LookupError(f"no object at {path}")
                value = ":".join(dirs)
                objects[path] = (
                    replace(found[0], rpath=value) if tag == "rpath" else replace(found[0], runpath=value),
                )
            case _:
                assert_never(edit)
    return replace(facts, disk=facts.disk.overlay(objects, texts))


def ground(facts: Facts) -> FsPath | None:
    """The folder below which edits may be made, and where their journal stands: the venv, else the project."""
    if facts.main.venv is not None:
        return facts.main.venv.root
    return facts.project.root if facts.project is not None else None


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
    last_resort: bool = False
    """Whether it gives up what the others keep: it stands behind whatever cures most."""

    @property
    def name(self) -> str:
        """The function's name in kebab case."""
        return self.fit.__name__.replace("_", "-")

    @property
    def page(self) -> str:
        """The Markdown beside the module."""
        return packaged.page(self.module)


def remedy(
    title: str, *, last_resort: bool = False
) -> Callable[[Callable[[Case, Sequence[Finding]], Iterable[Treatment | NotHere]]], Remedy]:
    """Turn a function `(Case, findings) -> treatments` into the `Remedy` that it is; nothing is registered."""

    def make(fit: Callable[[Case, Sequence[Finding]], Iterable[Treatment | NotHere]]) -> Remedy:
        return Remedy(title, fit, fit.__module__, last_resort)

    return make

"""What is wrong, why we say so, and who says it: findings, evidence and rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import TYPE_CHECKING

from nixpydoctor import packaged
from nixpydoctor.edges import Opening
from nixpydoctor.facts import Dist, FsPath, Imported, PathEntry, Python, Unread, Venv
from nixpydoctor.light import dataclass, field
from nixpydoctor.loader.trace import Resolution, VersionFault

if TYPE_CHECKING:
    from nixpydoctor.case import Case


class Severity(IntEnum):
    """A prediction, and the lab holds us to it."""

    NOTE = 1
    """Broken, but no plain import dies of it; or undecided."""
    WARNING = 2
    """Works now and fails after a named change, or harms a named other program."""
    ERROR = 3
    """A named import or start fails now."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path that tells, with one sentence of what it tells."""

    path: FsPath
    says: str


@dataclass(frozen=True, slots=True)
class Shadowing:
    """A top-level name that more than one entry of sys.path offers."""

    name: str
    winner: FsPath
    """The file or folder that an import gets."""
    entry: PathEntry
    """Where the winner lies."""
    shadowed: tuple[PathEntry, ...]
    """The entries that offer the name in vain."""


Evidence = (
    Resolution | VersionFault | Unread | Place | Opening | PathEntry | Shadowing | Dist | Venv | Python | Imported
)
"""A closed union: reports `match` on it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in one place."""

    rule: Rule
    severity: Severity
    """The rule's, or lower by reach."""
    subject: FsPath
    message: str
    """One line."""
    evidence: tuple[Evidence, ...] = ()
    dist: str | None = None
    """Normalized name; `python` for the standard library's own extensions."""
    version: str | None = None
    """The distribution's version."""
    breaks: tuple[str, ...] = ()
    """Top-level modules whose plain import fails of it, dependents in other distributions included."""
    undecided: tuple[str, ...] = ()
    """Top-level modules that may fail of it: the walk could not tell."""
    detail: str = ""
    """What exactly: a soname, a symbol version, an interp."""
    place: str = ""
    """The subject below its sys.path entry: stable across machines."""
    loads: bool = True
    """False where the subject itself cannot be loaded or started."""
    hint: str = ""
    """What supplies it: the nixpkgs attribute of a missing soname."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The same before and after a treatment, and across rebuilds: the fingerprint."""
        return (self.rule.id, self.dist or "", self.place or self.subject, self.detail)


@dataclass(frozen=True)
class Rule:
    """A named way in which a Python can be broken, and the function that recognises it."""

    id: str
    severity: Severity
    title: str
    symptoms: tuple[str, ...]
    """Regular expressions over error texts that speak of this rule."""
    check: Callable[[Case], Iterator[Finding]] = field(compare=False, repr=False)
    module: str = ""

    @property
    def name(self) -> str:
        """The function's name in kebab case."""
        return self.check.__name__.replace("_", "-")

    @property
    def page(self) -> str:
        """The Markdown beside the module."""
        return packaged.page(self.module)

    def finding(
        self,
        subject: FsPath,
        message: str,
        *evidence: Evidence,
        severity: Severity | None = None,
        dist: Dist | None = None,
        breaks: tuple[str, ...] = (),
        undecided: tuple[str, ...] = (),
        detail: str = "",
        loads: bool = True,
        hint: str = "",
    ) -> Finding:
        """A finding of this rule; `severity` defaults to the rule's own."""
        below = dist.location if dist is not None else ""
        return Finding(
            rule=self,
            severity=self.severity if severity is None else severity,
            subject=subject,
            message=message,
            evidence=evidence,
            dist=dist.key if dist is not None else None,
            version=dist.version if dist is not None else None,
            breaks=breaks,
            undecided=undecided,
            detail=detail,
            place=subject[len(below) + 1 :] if below and subject.startswith(f"{below}/") else "",
            loads=loads,
            hint=hint,
        )


def rule(
    rule_id: str, severity: Severity, title: str, *, symptoms: tuple[str, ...] = ()
) -> Callable[[Callable[[Case], Iterator[Finding]]], Rule]:
    """Turn a function `Case -> Iterator[Finding]` into the `Rule` that it is; nothing is registered."""

    def make(check: Callable[[Case], Iterator[Finding]]) -> Rule:
        return Rule(rule_id, severity, title, symptoms, check, check.__module__)

    return make

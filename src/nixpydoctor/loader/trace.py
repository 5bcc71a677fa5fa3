"""The loader's answer with its working shown: every place that was tried, how it came to be tried, what was there.

The words for *how* are those that `LD_DEBUG=libs` prints (ld.so(8)), and beside them those of dyld(1).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from nixpydoctor.facts import FsPath, Object, Unread
from nixpydoctor.light import dataclass, field

if TYPE_CHECKING:
    from nixpydoctor.darwin import MachO


class How(Enum):
    """Which step of the search named a candidate."""

    LOADED = "already loaded"
    DIRECT = "path given"
    RPATH = "RPATH"
    ENV = "LD_LIBRARY_PATH"
    RUNPATH = "RUNPATH"
    CACHE = "ld.so.cache"
    SYSTEM = "system directory"
    PRELOAD = "LD_PRELOAD"
    DYLD_ENV = "DYLD_LIBRARY_PATH"
    DYLD_FRAMEWORKS = "DYLD_FRAMEWORK_PATH"
    LC_RPATH = "LC_RPATH"
    LOADER_PATH = "@loader_path"
    EXECUTABLE_PATH = "@executable_path"
    FALLBACK = "fallback folder"
    SHARED_CACHE = "shared cache"


class Verdict(Enum):
    """What the loader found at a candidate. Only `INVALID` ends the search."""

    FOUND = "found"
    ABSENT = "absent"
    WRONG_MACHINE = "wrong machine"
    DENIED = "denied"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One candidate of one search."""

    path: FsPath
    how: How
    source: FsPath | None
    """Whose RPATH or RUNPATH named it; None for the other steps."""
    verdict: Verdict
    folder: bool = False
    """True where `path` is a folder without the file: it and its hwcaps folders were looked through."""
    reason: str = ""
    """The loader's words for an invalid or denied candidate."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The search for one needed name."""

    needed: str
    requester: FsPath
    """The object that needs it."""
    attempts: tuple[Attempt, ...]
    found: Object | MachO | None
    invalid: Unread | None = None
    """The candidate at which the loader stopped with an error."""


@dataclass(frozen=True, slots=True)
class VersionFault:
    """A symbol version that an object wants and the object really chosen does not define."""

    requester: FsPath
    provider: FsPath
    """The bare soname where the requester does not even need that file: the loader aborts over it."""
    soname: str
    """The name by which the requester asked."""
    version: str
    weak: bool
    """The loader only warns about a weak one."""


@dataclass(frozen=True, slots=True)
class LinkMap:
    """What a process has mapped after one start or one dlopen, in load order, and every search that led there."""

    objects: tuple[Object, ...]
    resolutions: tuple[Resolution, ...]
    faults: tuple[VersionFault, ...] = ()
    failure: Unread | None = None
    """Why the first object itself cannot be used at all (not an object, wrong machine, gone)."""
    ignored: tuple[Resolution, ...] = ()
    """Preloads that could not be loaded: the loader warns and goes on."""
    known: Mapping[str, Object] = field(default_factory=dict, repr=False, compare=False)
    """Every name that finds an object already loaded, without a search."""

    @property
    def missing(self) -> tuple[Resolution, ...]:
        """Searches that ended without an object, in load order."""
        return tuple(step for step in self.resolutions if step.found is None)

    @property
    def loads(self) -> bool:
        """Whether the loader would succeed. A weak version need only brings a warning."""
        return self.failure is None and not self.missing and all(fault.weak for fault in self.faults)

"""Libraries that distributions open from Python code, where the code itself does not tell the import walk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from nixpydoctor import packaged
from nixpydoctor.light import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """One name that the code tries."""

    name: str
    how: Literal["dlopen", "find_library"]


@dataclass(frozen=True, slots=True)
class Known:
    """A distribution's opening of one library."""

    dist: str
    """Normalized name."""
    versions: str
    """PEP 440 specifier of the versions that were read."""
    modules: tuple[str, ...]
    """Modules that open it when they are imported."""
    names: tuple[Candidate, ...]
    """In the order in which the code tries them; one that opens is enough."""
    fatal: bool
    """Whether the import fails where none opens."""
    source: str
    """Which file of which release was read."""


def known(dist: str, version: str) -> tuple[Known, ...]:
    """What this version of a distribution (normalized name) opens. A version that is none has no entry."""
    entries = _table().get(dist)
    if not entries:
        return ()
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        parsed = Version(version)
    except InvalidVersion:
        return ()
    return tuple(entry for entry in entries if SpecifierSet(entry.versions).contains(parsed, prereleases=True))


@cache
def _table() -> Mapping[str, tuple[Known, ...]]:
    text = packaged.text("knowledge/dlopens.json")
    table: dict[str, tuple[Known, ...]] = {}
    for plain in json.loads(text)["entries"]:
        entry = _entry(plain)
        table[entry.dist] = (*table.get(entry.dist, ()), entry)
    return table


def _entry(plain: dict[str, Any]) -> Known:
    return Known(
        dist=plain["dist"],
        versions=plain["versions"],
        modules=tuple(plain["modules"]),
        names=tuple(Candidate(item["name"], item["how"]) for item in plain["names"]),
        fatal=plain["fatal"],
        source=plain["source"],
    )

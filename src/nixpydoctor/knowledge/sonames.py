"""Which nixpkgs attribute holds a soname: the data of `sonames.json`, read on first use.

Covers every library that the manylinux and musllinux policies let wheels expect from the system (PEP 600, PEP 656),
and the ones that wheels want beyond that. An entry is `verified` where its attribute was seen in nixpkgs or in use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from nixpydoctor import packaged
from nixpydoctor.light import dataclass

LIB = "lib"
"""Where `lib.makeLibraryPath` looks inside an output."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """One name of an attribute, and the nixpkgs releases that know it by that name."""

    attr: str
    since: str | None = None
    """The release whose notes announce it; earlier ones may have it too."""
    until: str | None = None
    """The release that deprecates or drops it."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """What nixpkgs knows about one soname."""

    soname: str
    attr: str
    """Below `pkgs`, in today's spelling; empty for a driver."""
    spellings: tuple[Spelling, ...]
    """Newest first."""
    output: str = ""
    """The output with the library where that is not the default one: `lib.getLib` picks it."""
    folder: str = LIB
    """Below that output."""
    policy: bool = False
    """A manylinux or musllinux policy lets wheels expect it from the system."""
    forbidden: bool = False
    """Must never be put on a library path."""
    driver: bool = False
    """Comes with the machine's GPU driver, never from a package."""
    glibc: tuple[str, ...] = ()
    """Releases of glibc whose new symbols it uses where it was built with such a one, oldest first."""
    verified: bool = True
    note: str = ""
    stored: tuple[str, ...] = ()
    """Names that its package may have in the store, without version and output."""

    @property
    def package(self) -> bool:
        """Whether a package may supply it."""
        return not (self.forbidden or self.driver)


@dataclass(frozen=True, slots=True)
class _Table:
    exact: Mapping[str, Mapping[str, Any]]
    unversioned: Mapping[str, Mapping[str, Any]]
    """`libz.so` → the entry of `libz.so.1`: packages keep the link to their newest name beside the library."""
    patterns: tuple[tuple[str, Mapping[str, Any]], ...]
    """With the literal text that every match starts with: a pattern is compiled only where that fits."""
    spellings: Mapping[str, Mapping[str, Any]]
    """Attribute → an entry that spells it, for attributes without placeholders."""


@cache
def attribute(soname: str) -> Attribute | None:
    """What nixpkgs has for `soname`; None where nothing is known. A path or a bare `z` is no soname."""
    if "/" in soname:
        return None
    table = _table()
    entry = table.exact.get(soname)
    if entry is not None:
        return _made(soname, entry, {})
    for prefix, entry in table.patterns:
        if soname.startswith(prefix) and (match := re.fullmatch(entry["pattern"], soname)):
            return _made(soname, entry, match.groupdict())
    entry = table.unversioned.get(soname)
    return None if entry is None else _made(soname, entry, {})


def library_path_attrs(sonames: Iterable[str]) -> tuple[str, ...]:
    """The attributes that supply these sonames, each once, in the order of the sonames.

    Sonames that nobody knows, drivers and what must not be on a library path are left out.
    """
    known = (attribute(soname) for soname in sonames)
    return tuple(dict.fromkeys(found.attr for found in known if found is not None and found.package))


def expression(attr: str) -> str:
    """Nix text for a package whose library folder `lib.makeLibraryPath` reaches, valid on old and new nixpkgs.

    Where the library lies deeper, a package of one link brings its folder to where it is looked for.
    """
    entry = _table().spellings.get(attr, {})
    spellings = [spelling["attr"] for spelling in entry.get("spellings", ())] or [attr]
    text = " or ".join(f"pkgs.{name}" for name in spellings)
    if len(spellings) > 1:
        text = f"({text})"
    folder = entry.get("folder", LIB)
    if folder == LIB:
        return text
    name = re.sub(r"\W", "-", attr)
    source = text if len(spellings) == 1 else f"pkgs.lib.getLib {text}"
    return f'(pkgs.runCommandLocal "{name}-lib" {{ }} "mkdir $out && ln -s ${{{source}}}/{folder} $out/lib")'


def entries() -> tuple[Mapping[str, Any], ...]:
    """The data as it is written, for its tests."""
    return tuple(json.loads(packaged.data("knowledge/sonames.json")))


@cache
def _table() -> _Table:
    exact: dict[str, Mapping[str, Any]] = {}
    unversioned: dict[str, Mapping[str, Any]] = {}
    patterns: list[tuple[str, Mapping[str, Any]]] = []
    spellings: dict[str, Mapping[str, Any]] = {}
    for entry in entries():
        spellings.setdefault(entry["attr"], entry)
        if "pattern" in entry:
            patterns.append((_prefix(entry["pattern"]), entry))
        for soname in entry.get("sonames", ()):
            exact[soname] = entry
            unversioned.setdefault(soname.partition(".so")[0] + ".so", entry)
    return _Table(exact, unversioned, tuple(patterns), spellings)


def _prefix(pattern: str) -> str:
    """The characters that stand for themselves at the start of a pattern without top-level alternatives."""
    for position, char in enumerate(pattern):
        if not (char.isalnum() or char in "_-"):
            return pattern[: position - 1 if char in "?*{" else position]
    return pattern


def _made(soname: str, entry: Mapping[str, Any], groups: Mapping[str, str]) -> Attribute:
    spellings = tuple(
        Spelling(spelling["attr"].format(**groups), spelling.get("since"), spelling.get("until"))
        for spelling in entry.get("spellings", ({"attr": entry["attr"]},))
    )
    return Attribute(
        soname=soname,
        attr=entry["attr"].format(**groups),
        spellings=spellings,
        output=entry.get("output", ""),
        folder=entry.get("folder", LIB),
        policy=entry.get("policy", False),
        forbidden=entry.get("forbidden", False),
        driver=entry.get("driver", False),
        glibc=tuple(entry.get("glibc", {}).get(soname, ())),
        verified=entry["status"] == "verified",
        note=entry.get("note", ""),
        stored=tuple(entry.get("store", ())) or _stored(spellings),
    )


def _stored(spellings: Iterable[Spelling]) -> tuple[str, ...]:
    """An attribute is mostly called as its package: `xorg.libX11`, `ffmpeg_7`, `cyrus_sasl` (as `cyrus-sasl`)."""
    names: dict[str, None] = {}
    for spelling in spellings:
        name = re.sub(r"_\d[\d_]*\Z", "", spelling.attr.rpartition(".")[2])
        names[name] = None
        names[name.replace("_", "-")] = None
    return tuple(names)

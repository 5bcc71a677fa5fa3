"""Checks the symbol versions that an object wants against those that the object really chosen defines.

Follows `match_symbol` and `_dl_check_map_versions` in glibc's elf/dl-version.c.
"""

from __future__ import annotations

from collections.abc import Mapping

from nixpydoctor.facts import FsPath
from nixpydoctor.loader.search import Node
from nixpydoctor.loader.trace import VersionFault


def faults(requester: Node, names: Mapping[str, Node] | Mapping[str, Node | None]) -> tuple[VersionFault, ...]:
    """What `requester` misses in a process where `names` stand for these objects, whichever files they are."""
    if not requester.wants:
        return ()
    sonames = files_wanted(requester)
    providers = tuple(map(names.get, sonames))
    if requester.checked is None or requester.checked[0] != providers:
        requester.checked = (providers, _lacks(requester, dict(zip(sonames, providers, strict=True))))
    return requester.checked[1]


def files_wanted(requester: Node) -> tuple[str, ...]:
    """The sonames under which it wants versions, each once."""
    return tuple(dict.fromkeys([need.soname for need in requester.wants]))


def versions(provider: Node) -> frozenset[str]:
    """The versions that an object defines; empty where it has none or they are unknown."""
    if provider.defines is None:
        provider.defines = frozenset(provider.obj.verdef or ())
    return provider.defines


def _lacks(requester: Node, providers: Mapping[str, Node | None]) -> tuple[VersionFault, ...]:
    defined = {soname: _defined(requester, soname, provider) for soname, provider in providers.items()}
    lacks: list[VersionFault] = []
    for need in requester.wants:
        soname, version, weak = need
        known = defined[soname]
        if known is not None and version not in known:
            provider = providers[soname]
            path, weak = (FsPath(soname), False) if provider is None else (provider.obj.path, weak)
            lacks.append(VersionFault(requester.obj.path, path, soname, version, weak))
    return tuple(lacks)


def _defined(requester: Node, soname: str, provider: Node | None) -> frozenset[str] | None:
    """The versions that can be had under `soname`; None where nothing is held against the requester.

    A provider without any versions only brings a warning; of a symbolic one they are unknown. A needed file that is
    missing is not asked for versions. One that was never needed makes the loader abort: only a tool that edits needed
    names leaves such an object behind.
    """
    if provider is None:
        return None if soname in requester.needs else frozenset()
    return versions(provider) or None

"""Checks the symbol versions that an object wants against those that the object really chosen defines.

Follows `match_symbol` and `_dl_check_map_versions` in glibc's elf/dl-version.c.
"""

from __future__ import annotations

from collections.abc import Mapping

from nixpydoctor.facts import Elf
from nixpydoctor.loader.search import Node
from nixpydoctor.loader.trace import VersionFault


def faults(requester: Node, names: Mapping[str, Node] | Mapping[str, Node | None]) -> tuple[VersionFault, ...]:
    """What `requester` misses in a process where `names` stand for these objects, whichever files they are."""
    providers = tuple(map(names.get, requester.wants))
    if requester.checked is None or requester.checked[0] != providers:
        lacks = [
            fault
            for soname, provider in zip(requester.wants, providers, strict=True)
            if provider is not None
            for fault in _lacks(requester.obj, provider.obj, soname)
        ]
        requester.checked = (providers, tuple(lacks))
    return requester.checked[1]


def _lacks(requester: Elf, provider: Elf, soname: str) -> list[VersionFault]:
    """A provider without any versions only brings a warning; of a symbolic one (None) they are unknown."""
    if not provider.verdef:
        return []
    defined = frozenset(provider.verdef)
    return [
        VersionFault(requester.path, provider.path, soname, need.version, need.weak)
        for need in requester.verneed
        if need.soname == soname and need.version not in defined
    ]

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
    providers = tuple(map(names.get, requester.wants))
    if requester.checked is None or requester.checked[0] != providers:
        lacks = [
            fault
            for soname, provider in zip(requester.wants, providers, strict=True)
            for fault in (_unasked(requester, soname) if provider is None else _lacks(requester, provider, soname))
        ]
        requester.checked = (providers, tuple(lacks))
    return requester.checked[1]


def _lacks(requester: Node, provider: Node, soname: str) -> list[VersionFault]:
    """A provider without any versions only brings a warning; of a symbolic one (None) they are unknown."""
    if not provider.obj.verdef:
        return []
    defined = frozenset(provider.obj.verdef)
    return [
        VersionFault(requester.obj.path, provider.obj.path, soname, need.version, need.weak)
        for need in requester.obj.verneed
        if need.soname == soname and need.version not in defined
    ]


def _unasked(requester: Node, soname: str) -> list[VersionFault]:
    """A needed file that is missing is not asked for versions. One that was never needed makes the loader abort.

    Only a tool that edits needed names leaves such an object behind.
    """
    if soname in requester.needs:
        return []
    return [
        VersionFault(requester.obj.path, FsPath(soname), soname, need.version, False)
        for need in requester.obj.verneed
        if need.soname == soname
    ]

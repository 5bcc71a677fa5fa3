"""What nix-ld would find for a process, and whether it can start anything at all."""

from __future__ import annotations

from collections.abc import Mapping

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, join

NIX_LD_LIST = "/run/current-system/sw/share/nix-ld/lib"
"""Where the machine's list is, for a process without variables."""


def lacking(case: Case) -> tuple[str, ...]:
    """Every soname that some extension or companion misses, each once."""
    found: dict[str, None] = {}
    for path in case.unloadable:
        found.update((soname, None) for soname, _ in case.fate(path).missing)
    return tuple(found)


def in_nix_ld_list(case: Case, env: Mapping[str, str], soname: str) -> FsPath | None:
    """Where a soname lies in the folders of nix-ld's list, as these variables give it; None where it does not."""
    told = [
        value for name, value in sorted(env.items(), reverse=True) if name.startswith("NIX_LD_LIBRARY_PATH") and value
    ]
    for folder in (told[0] if told else NIX_LD_LIST).split(":"):
        if folder.startswith("/") and case.disk.has(join(folder, soname)):
            return join(folder, soname)
    return None


def nix_ld_target_is_gone(case: Case) -> bool:
    """Whether nix-ld starts this process and the loader that it shall use is not there."""
    loader = case.process.loader
    return loader is not None and loader.shim == "nix-ld" and case.object(loader.real) is None

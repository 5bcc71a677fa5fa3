"""NPD504: nix-ld has a library that is missing here, and nix-ld does not reach this Python."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import in_store
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import called
from nixpydoctor.rules.nix_ld_list import in_nix_ld_list, lacking


@rule(
    "NPD504",
    Severity.NOTE,
    "nix-ld has the library and does not reach this Python",
    symptoms=(r"NIX_LD(?:_LIBRARY_PATH)?=/nix/store/\S+",),
)
def nix_ld_without_reach(case: Case) -> Iterator[Finding]:
    """One finding per missing soname that lies in a folder of nix-ld's list."""
    loader = case.process.loader
    env = case.process.env
    if loader is None or loader.shim is not None or not in_store(case.process.interp or ""):
        return
    if not any(name.startswith("NIX_LD") and value for name, value in env.items()):
        return
    for soname in lacking(case):
        place = in_nix_ld_list(case, env, soname)
        if place is not None:
            yield nix_ld_without_reach.finding(
                called(case),
                f"nix-ld's list has {soname}, but the loader of this Python is {loader.path}, and nix-ld is not asked",
                Place(place, "is in nix-ld's list"),
                detail=soname,
            )

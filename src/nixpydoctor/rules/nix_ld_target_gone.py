"""NPD505: nix-ld is to start this Python with a loader that does not exist or is none."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Unread
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import called, starter
from nixpydoctor.rules.nix_ld_list import nix_ld_target_is_gone


@rule(
    "NPD505",
    Severity.ERROR,
    "nix-ld is told to start a loader that is not there",
    symptoms=(
        r"\[nix-ld\] FATAL:",
        r"You are trying to run an unpatched binary on nixos, but you have not configured NIX_LD",
    ),
)
def nix_ld_target_gone(case: Case) -> Iterator[Finding]:
    """Nothing that nix-ld starts runs, this Python included."""
    loader = case.process.loader
    if loader is None or not nix_ld_target_is_gone(case):
        return
    names = [name for name in case.process.env if name.startswith("NIX_LD") and "LIBRARY" not in name]
    who = " and ".join(sorted(names)) if names else "nix-ld's default"
    found = case.unusable(loader.real)
    evidence: Unread | Place = found if found is not None else Place(loader.real, "does not exist")
    yield nix_ld_target_gone.finding(
        called(case),
        f"{starter(case)} cannot start: {who} makes nix-ld start {loader.real}, which "
        f"{'is no loader' if case.there(loader.real) else 'does not exist'}",
        evidence,
        detail=str(loader.real),
        loads=False,
    )

"""NPD513: the machine's nix-ld has a library that a variable of this shell hides."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import called
from nixpydoctor.rules.nix_ld_list import in_nix_ld_list, lacking


@rule(
    "NPD513",
    Severity.NOTE,
    "a variable hides the machine's list of nix-ld",
    symptoms=(r"NIX_LD_LIBRARY_PATH replaces the list of the machine",),
)
def nix_ld_list_replaced(case: Case) -> Iterator[Finding]:
    """One finding per missing soname that lies in the machine's list and not in the variable's folders."""
    loader = case.process.loader
    if loader is None or loader.shim != "nix-ld":
        return
    given = [name for name, value in case.process.env.items() if name.startswith("NIX_LD_LIBRARY_PATH") and value]
    if not given:
        return
    for soname in lacking(case):
        place = in_nix_ld_list(case, {}, soname)
        if place is not None:
            yield nix_ld_list_replaced.finding(
                called(case),
                f"{given[0]} replaces the list of the machine, which has {soname}",
                Place(place, "is in the machine's list"),
                detail=soname,
            )

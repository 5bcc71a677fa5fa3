"""NPD303: the store path that a venv's Python comes from is protected by nothing from garbage collection."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import leaf
from nixpydoctor.findings import Finding, Place, Severity, rule


@rule(
    "NPD303",
    Severity.WARNING,
    "nothing protects a venv's Python from garbage collection",
    symptoms=(r"deleting '(?P<path>/nix/store/[^']*python3[^']*)'",),
)
def base_not_rooted(case: Case) -> Iterator[Finding]:
    """Works until `nix-collect-garbage`; a note where it could not be found out."""
    venv = case.facts.main.venv
    if venv is None or venv.held is None or venv.roots:
        return
    if venv.roots is None:
        message = f"whether anything protects {venv.held} from garbage collection could not be found out"
        says = "the venv needs it; its roots can be asked for: nix-store --query --roots"
    else:
        message = f"the venv works until nix-collect-garbage: no root of yours protects {venv.held}"
        says = "the venv needs it, and neither a profile nor a result link leads to it or to what refers to it"
        if venv.hidden_roots:
            says += f"; roots of other users that cannot be looked at: {venv.hidden_roots}"
    yield base_not_rooted.finding(
        venv.root,
        message,
        Place(venv.held, says),
        severity=Severity.NOTE if venv.roots is None else Severity.WARNING,
        detail=leaf(venv.held),
    )

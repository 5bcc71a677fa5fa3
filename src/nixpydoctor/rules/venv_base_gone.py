"""NPD301: the Python that a venv was made from is no longer there."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import in_store
from nixpydoctor.findings import Finding, Severity, rule


@rule(
    "NPD301",
    Severity.ERROR,
    "the Python that a venv was made from is gone",
    symptoms=(
        r"Broken symlink at [`'\"]?(?P<path>[^`'\"\s,]+)",
        r"was the underlying Python interpreter removed",
        r"(?P<path>\S*/bin/python[\d.]*): No such file or directory",
    ),
)
def venv_base_gone(case: Case) -> Iterator[Finding]:
    """One finding: nothing of the venv can run until its base is back or it is made anew."""
    venv = case.facts.main.venv
    if venv is None or venv.base_exists:
        return
    base = venv.base or venv.home or venv.root
    why = "collected from the Nix store" if in_store(base) else "removed or moved"
    yield venv_base_gone.finding(
        venv.root,
        f"the venv's Python {base} does not exist any more: it was {why}",
        venv,
        detail=base,
        loads=False,
    )

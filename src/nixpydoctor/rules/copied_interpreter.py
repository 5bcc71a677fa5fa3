"""NPD305: a venv holds a copy of a store Python, which still needs the store path that it was copied from."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Place, Severity, rule


@rule(
    "NPD305",
    Severity.NOTE,
    "a copied Python still needs the store path that it comes from",
    symptoms=(r"command = (?P<path>/nix/store/\S+) -m venv --copies",),
)
def copied_interpreter(case: Case) -> Iterator[Finding]:
    """One note: a copy is safe from nothing that a link is not safe from."""
    venv = case.facts.main.venv
    if venv is None or venv.held is None or venv.links or not venv.base_exists:
        return
    if not venv.own(case.process.executable):
        return
    yield copied_interpreter.finding(
        case.process.executable,
        f"bin/python is a copy that cannot do without {venv.held}: its library and its modules are there",
        Place(venv.held, "holds libpython and the standard library of the copied program"),
        detail="copy",
    )

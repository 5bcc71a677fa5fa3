"""NPD302: a venv is no longer where it was made, and its scripts and `activate` name the old place."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import join, leaf
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.formats.shebang import program
from nixpydoctor.rules.common import listed


@rule(
    "NPD302",
    Severity.ERROR,
    "a venv was moved or copied",
    symptoms=(
        r"(?P<path>\S+/bin/[^\s/:]+): (?P<python>\S+/bin/python[\d.]*): bad interpreter: No such file or directory",
        r"(?P<path>\S+): cannot execute: required file not found",
    ),
)
def moved_venv(case: Case) -> Iterator[Finding]:
    """One finding. Worse than a warning only where a script cannot start: `bin/python` itself works from any place."""
    venv = case.facts.main.venv
    old = venv.made_at if venv is not None else None
    if venv is None or old is None or not venv.base_exists:  # without a base nothing starts, wherever it lies
        return
    scripts = [path for path, head in venv.scripts.items() if (program(head) or "").startswith(f"{old}/")]
    there = case.disk.text(join(old, "pyvenv.cfg")) is not None
    places = [Place(path, f"its first line names {program(venv.scripts[path])}") for path in scripts[:1]]
    if there:
        message = (
            f"this venv is a copy of {old}: activating it leads there, and so does running {listed(scripts, 'script')}"
        )
    elif scripts:
        message = f"the venv was moved here from {old}: {listed(scripts, 'script')} cannot start"
    else:
        message = f"the venv was moved here from {old}: activating it puts a folder on PATH that does not exist"
    yield moved_venv.finding(
        venv.root,
        message,
        Place(join(venv.root, "bin/activate"), f"says VIRTUAL_ENV={old}"),
        *places,
        severity=Severity.ERROR if scripts and not there else Severity.WARNING,
        detail=leaf(old),
    )

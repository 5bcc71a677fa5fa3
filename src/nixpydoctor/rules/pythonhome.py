"""NPD503: PYTHONHOME sends Python to a standard library that is not its own, or to none."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, join, parent
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import called, no_home


@rule(
    "NPD503",
    Severity.ERROR,
    "a home for Python is named that is not its own",
    symptoms=(
        r"PYTHONHOME = '(?P<path>[^']+)'",
        r"No module named 'encodings'",
        r"Could not find platform (?:in)?dependent libraries <(?:exec_)?prefix>",
        r"SRE module mismatch",
    ),
)
def pythonhome(case: Case) -> Iterator[Finding]:
    """An ERROR where no standard library of this version is there; a NOTE where it is another build's."""
    said = case.process.env.get("PYTHONHOME")
    python = case.facts.main.python
    minor = python.minor if python is not None else None
    if not said or minor is None:
        return
    home = FsPath(said.partition(":")[0])
    own = parent(parent(case.process.executable))
    lacks = no_home(case)
    if lacks is not None:
        kind = "a venv, which has none" if case.there(join(home, "pyvenv.cfg")) else "no home of such a Python"
        yield pythonhome.finding(
            called(case),
            f"Python cannot start: PYTHONHOME={said} is where it looks for the standard library of "
            f"{minor[0]}.{minor[1]}, and that is {kind}",
            Place(lacks, "does not exist"),
            detail="PYTHONHOME",
            loads=False,
        )
    elif home.rstrip("/") != own:
        yield pythonhome.finding(
            called(case),
            f"PYTHONHOME={said} gives this Python the standard library of another one",
            Place(own, "is its own home"),
            severity=Severity.NOTE,
            detail="PYTHONHOME",
        )

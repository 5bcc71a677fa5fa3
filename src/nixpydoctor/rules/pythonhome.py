"""NPD503: PYTHONHOME sends Python to a standard library that is not its own, or to none."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import join, parent
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
        r"No module named '_struct'",
    ),
)
def pythonhome(case: Case) -> Iterator[Finding]:
    """An ERROR where no standard library of this version is there, or half of one; a NOTE for another build's."""
    said = case.process.env.get("PYTHONHOME")
    python = case.facts.main.python
    minor = python.minor if python is not None else None
    host = case.facts.main.host
    if not said or minor is None or (host is not None and host.isolated):
        return
    home, _, second = said.partition(":")
    own = (host.prefix if host is not None else None) or parent(parent(case.process.executable))
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
    elif _compiled(case, own, minor) and not _compiled(case, second or home, minor):
        yield pythonhome.finding(
            called(case),
            f"PYTHONHOME={said} leads to half a standard library: its compiled modules are not below {second or home}",
            Place(join(second or home, f"lib/python{minor[0]}.{minor[1]}/lib-dynload"), "does not exist"),
            Place(own, "is its own home, and has them"),
            detail="exec_prefix",
        )
    elif home.rstrip("/") != own:
        yield pythonhome.finding(
            called(case),
            f"PYTHONHOME={said} gives this Python the standard library of another one",
            Place(own, "is its own home"),
            severity=Severity.NOTE,
            detail="PYTHONHOME",
        )


def _compiled(case: Case, home: str, minor: tuple[int, int]) -> bool:
    """Whether the compiled modules of the standard library are below a prefix."""
    folder = f"python{minor[0]}.{minor[1]}/lib-dynload"
    return any(case.disk.names(join(home, f"{lib}/{folder}")) is not None for lib in ("lib", "lib64"))

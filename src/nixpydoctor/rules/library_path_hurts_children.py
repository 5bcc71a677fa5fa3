"""NPD507: a variable for the loader reaches other programs, and one of them fails of it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.rules.c_libraries import start_trouble

_VARIABLES = ("LD_LIBRARY_PATH", "LD_PRELOAD")
_PROGRAMS = ("sh", "bash", "ls", "git", "ssh", "curl", "nix", "perl", "gcc", "make", "node", "uv")
"""What a person calls from the same shell, and what Python code starts."""
_WHO = rf"(?:^|[\s/])(?P<program>(?:usr/)?bin/(?!python)[\w.+-]+|{'|'.join(_PROGRAMS)})"


@rule(
    "NPD507",
    Severity.WARNING,
    "a variable for the loader makes another program fail",
    symptoms=(
        rf"{_WHO}: (?P<provider>/nix/store/\S+): version [`'][^']+' not found",
        rf"{_WHO}: symbol lookup error: (?P<provider>/nix/store/\S+): undefined symbol",
        rf"{_WHO}: relocation error: (?P<provider>/nix/store/\S+): symbol \S+",
        r"OpenSSL version mismatch",
    ),
)
def library_path_hurts_children(case: Case) -> Iterator[Finding]:
    """Each program that starts without the variable and does not with it, by name."""
    env = case.process.env
    given = [name for name in _VARIABLES if env.get(name)]
    if not given:
        return
    for name in _PROGRAMS:
        process = case.bystander(name)
        if process is None or process.executable == case.process.executable:
            continue
        told = start_trouble(process, case.disk)
        if told is None:
            continue
        for variable in given:
            if start_trouble(process.setenv(variable, None), case.disk) is None:
                yield library_path_hurts_children.finding(
                    process.executable,
                    f"{variable} keeps {name} from starting: {told[0]}",
                    told[1],
                    detail=name,
                )
                break

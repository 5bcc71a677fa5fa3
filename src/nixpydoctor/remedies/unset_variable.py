"""unset-variable: a variable that does harm and that nothing here needs is taken out of the environment."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.findings import Finding
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import spoken_in, template
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy

_TELLING = {
    "LD_PRELOAD": {"NPD101", "NPD105", "NPD108", "NPD501", "NPD507"},
    "LD_LIBRARY_PATH": {"NPD101", "NPD105", "NPD108", "NPD507"},
    "PYTHONHOME": {"NPD503"},
    "NIX_LD": {"NPD505"},
    "NIX_LD_LIBRARY_PATH": {"NPD513"},
    "_PYTHON_SYSCONFIGDATA_NAME": {"NPD512"},
    "_PYTHON_HOST_PLATFORM": {"NPD512"},
}
"""Variable → the rules whose findings may be its doing. Whether they are, the trial tells."""

_NIX_LD = FsPath("/run/current-system/sw/share/nix-ld/lib/ld.so")
_NIX_LD_LIST = "/run/current-system/sw/share/nix-ld/lib"
"""What nix-ld does without variables (its src/main.rs)."""
_ELSEWHERE = "Look for it in your shell's start-up files, in `.envrc`, and in the `shellHook` of the shell."


@remedy("take a variable out of the environment")
def unset_variable(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """One treatment for each variable that may be to blame; those that are also needed cure nothing in sum."""
    spoken = {finding.rule.id for finding in findings}
    for name, telling in _TELLING.items():
        names = tuple(sorted(key for key in case.process.env if _means(key, name) and case.process.env[key]))
        if not names or not telling & spoken:
            continue
        after = _without(case, name, names)
        if after is None:
            continue
        yield Treatment(
            remedy=unset_variable,
            reach=Reach.SHELL,
            instructions=template(
                "unset_variable.md",
                names=" ".join(names),
                flags=" ".join(f"-u {key}" for key in names),
                where=spoken_in(case, names) or _ELSEWHERE,
                target=shlex.quote(case.facts.choice.target),
            ),
            after=after,
            assumes=("Python then starts as its own files say",) if name == "PYTHONHOME" else (),
            scope=f"takes {' and '.join(names)} away",
        )


def _means(key: str, name: str) -> bool:
    """nix-ld also reads each of its variables with the name of the system behind it, and prefers that."""
    return key == name or bool(re.fullmatch(rf"{name}_\w+[-_]linux", key) and name.startswith("NIX_LD"))


def _without(case: Case, name: str, names: Sequence[str]) -> Facts | None:
    """The facts when these are not set; None where that cannot be told."""
    main = case.facts.main
    process = case.process
    for key in names:
        process = process.setenv(key, None)
    loader = process.loader
    if name.startswith("NIX_LD"):
        if loader is None or loader.shim != "nix-ld":
            return None
        if name == "NIX_LD_LIBRARY_PATH":
            loader = replace(loader, library_path=_NIX_LD_LIST)
        else:
            found = case.disk.loader(_NIX_LD)
            if found is None:
                return None
            loader = replace(found, path=loader.path, shim="nix-ld", library_path=loader.library_path)
        process = replace(process, loader=loader)
    python = main.python
    if name == "PYTHONHOME" and python is not None:
        python = replace(python, silence=None, answered=True)
    return replace(case.facts, main=replace(main, process=process, python=python))

"""NPD506: an empty or relative part of a search path, which means the current folder."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.rules.common import called

_SEPARATORS = {"LD_LIBRARY_PATH": ":;", "PYTHONPATH": ":"}


@rule(
    "NPD506",
    Severity.NOTE,
    "a search path has a part that means the current folder",
    symptoms=(r"^(?:LD_LIBRARY_PATH|PYTHONPATH)=(?::\S*|\S*:|\S*::\S*)$",),
)
def empty_search_path_element(case: Case) -> Iterator[Finding]:
    """One finding per variable and such part; an empty variable is like none."""
    for name, separators in _SEPARATORS.items():
        said = case.process.env.get(name)
        if not said:
            continue
        text = said.replace(";", ":") if ";" in separators else said
        told = dict.fromkeys(part for part in text.split(":") if not part.startswith(("/", "$ORIGIN", "${ORIGIN}")))
        for part in told:
            what = f"the relative part {part}" if part else "an empty part"
            where = "the folder that Python is started in" if not part else "a folder below the one it is started in"
            yield empty_search_path_element.finding(
                called(case),
                f"{name} has {what}: that is {where}, whichever it is",
                detail=f"{name} {part}".strip(),
            )

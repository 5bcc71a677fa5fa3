"""NPD902: the Python was asked and gave no usable answer, so its files alone were read."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import no_home


@rule(
    "NPD902",
    Severity.ERROR,
    "the Python gave no usable answer",
    symptoms=(r"the Python gave no usable answer", r"Fatal Python error: init_fs_encoding"),
)
def silent_python(case: Case) -> Iterator[Finding]:
    """Silent itself where another finding already says why the process cannot start."""
    python = case.facts.main.python
    venv = case.facts.main.venv
    if python is None or python.answered or not case.starts or (venv is not None and not venv.base_exists):
        return
    if no_home(case) is not None:
        return
    yield silent_python.finding(
        python.command,
        f"this Python gave no usable answer: {python.silence or 'nothing came back'}",
        Place(python.command, "was started and asked; what is told of it was read from its files alone"),
        detail="no answer",
    )

"""rebuild-venv: the same venv made anew, by the tool that made it, with what was in it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.venvs import LIST, commands, installed, needs_no_list, remade
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy


@remedy("make the venv anew")
def rebuild_venv(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Replaces what is in the folder, so it is assumed and never proved; libraries that miss will miss again."""
    venv = case.facts.main.venv
    if venv is None:
        yield NotHere("what is examined is no venv")
        return
    steps = commands(case, venv)
    text = ""
    if any(LIST in step for step in steps):
        text = "".join(f"{line}\n" for line in installed(case, venv))
    listed = template("rebuild_venv_list.md", file=LIST, list=text) if text else ""
    if not text:
        steps = [step for step in steps if LIST not in step]
    yield Treatment(
        remedy=rebuild_venv,
        reach=Reach.VENV,
        instructions=template(
            "rebuild_venv.md",
            listed=listed,
            root=venv.root,
            commands="".join(f"$ {step}\n" for step in steps),
            target=shlex.quote(case.facts.choice.target),
        ),
        after=remade(case),
        basis="assumed",
        assumes=(
            "a Python of the same minor version",
            "what the project's lock or list names" if needs_no_list(case) else "the same distributions and versions",
        ),
        files=(Snippet(LIST, text),) if text else (),
        scope="makes the same venv for the same Python, with the same wheels in it",
    )

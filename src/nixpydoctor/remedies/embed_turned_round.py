"""embed-turned-round: Python drives, and the host's own code becomes an extension module of the shell's Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from shlex import quote

from nixpydoctor.case import Case
from nixpydoctor.facts import in_store, leaf
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.embedding import COMPILER
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy


@remedy("turn it round: Python drives, the program becomes an extension module")
def embed_turned_round(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Then there is one world only, the shell's; what is wrong there stays wrong, and the rules say so."""
    main, beside = case.facts.main, case.facts.beside
    if main.host is None:
        yield NotHere("what is examined does not embed Python")
        return
    if all(finding.severity is Severity.NOTE for finding in findings):
        yield NotHere("the program finds what it needs")
        return
    if beside is None or beside.python is None:
        yield NotHere("there is no python3 in this shell that could drive it")
        return
    name = re.sub(r"\W", "_", leaf(main.process.executable), flags=re.ASCII)
    name = f"{name if not name[:1].isdigit() else f'_{name}'}_module"
    kind = "pyo3" if main.host.binding == "pyo3" else "other"
    source = template(f"embed_turned_round_{kind}.source", module=name)
    yield Treatment(
        remedy=embed_turned_round,
        reach=Reach.PROJECT,
        instructions=template(
            f"embed_turned_round_{kind}.md",
            module=name,
            python=quote(beside.python.command),
            source=source,
            compiler=COMPILER if in_store(beside.python.base_prefix) else "",
        ),
        after=replace(case.facts, main=beside, beside=None),
        basis="assumed",
        assumes=(
            "the program's own code can be called as a function",
            f"{beside.python.command} starts it instead of the program",
        ),
        files=(Snippet("src/lib.rs" if kind == "pyo3" else "module.cpp", source),),
        scope="leaves no program that embeds Python",
    )

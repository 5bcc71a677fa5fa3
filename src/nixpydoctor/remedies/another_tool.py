"""another-tool: a distribution or a program that does the same and does not need what is missing."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import join
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.knowledge.others import Other, instead_of
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import template
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy


@remedy("use another tool that does not need what is missing")
def another_tool(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """The distribution goes, and with it what is said about it; each of its missing libraries must be answered."""
    answers: dict[str, Other] = {}
    open_ends: set[str] = set()
    for finding in findings:
        if finding.dist is not None and finding.severity > Severity.NOTE:
            found = instead_of(finding.dist, finding.detail) if finding.rule.id in ("NPD101", "NPD601") else None
            if found is None:
                open_ends.add(finding.dist)
            else:
                answers.setdefault(finding.dist, found)
    answers = {dist: other for dist, other in answers.items() if dist not in open_ends}
    if not answers:
        yield NotHere("no tool is known that does the same as what fails here and needs less")
        return
    main = case.facts.main
    programs = [dist for dist, other in answers.items() if other.kind == "program"]
    yield Treatment(
        remedy=another_tool,
        reach=Reach.VENV if not programs else Reach.PROJECT,
        instructions="\n".join(_steps(case, dist, other) for dist, other in answers.items())
        + f"\nThen check again: `nixpydoctor check {shlex.quote(case.facts.choice.target)}`\n",
        after=replace(
            case.facts, main=replace(main, dists=tuple(dist for dist in main.dists if dist.key not in answers))
        ),
        basis="assumed",
        assumes=tuple(f"{other.instead} does what {dist} is used for here" for dist, other in answers.items()),
        scope="replaces single distributions",
    )


def _steps(case: Case, dist: str, other: Other) -> str:
    venv = case.facts.main.venv
    python = shlex.quote(join(venv.root, "bin/python")) if venv is not None else "python3"
    pip = f"uv pip {{}} --python {python}" if venv is not None and venv.creator == "uv" else f"{python} -m pip {{}}"
    return template(
        f"another_{other.kind}.md",
        dist=dist,
        instead=other.instead,
        gives_up=other.gives_up,
        remove=pip.format("uninstall"),
        install=pip.format("install"),
    )

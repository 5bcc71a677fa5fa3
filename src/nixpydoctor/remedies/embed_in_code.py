"""embed-in-code: the program itself says where its Python's environment is, before it initialises Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.embedding import start_of, with_env
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Finding
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.embedding import TELLING, better, complete
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy


@remedy("let the program say where its Python's environment is")
def embed_in_code(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """PyConfig.program_name in C and C++; with PyO3, which initialises Python itself, a variable set before that."""
    main, beside = case.facts.main, case.facts.beside
    if main.host is None:
        yield NotHere("what is examined does not embed Python")
        return
    preferred = better(case, findings)
    if main.python is None or not (preferred or TELLING & {finding.rule.id for finding in findings}):
        yield NotHere("no environment is missed by the Python inside of the program")
        return
    if beside is None or beside.python is None or beside.python.minor != main.python.minor:
        yield NotHere("this shell's Python is of another minor version: its packages are no use to the program")
        return
    command = beside.python.command
    pyo3 = main.host.binding == "pyo3"
    if pyo3 and (main.python.minor or (3, 0)) < (3, 11):
        yield NotHere("PyO3 initialises Python itself, and before 3.11 no variable names a Python: see embed-path")
        return
    if main.host.isolated:
        open_start = start_of(main.host)._replace(isolated=False)
        after = with_env(case.facts, main.process.env, open_start)
        if after is not None and complete(case, after, preferred):
            yield _treatment(template("embed_in_code_isolated.md"), after)
            return
    env = {**main.process.env, "PYTHONEXECUTABLE": command} if pyo3 else main.process.env
    after = with_env(case.facts, env, None if pyo3 else start_of(main.host)._replace(program_name=command))
    if after is None or not complete(case, after, preferred):
        yield NotHere(f"from {command} alone the program would not find all that this shell's Python finds")
        return
    told = command.replace("\\", "\\\\").replace('"', '\\"')
    yield _treatment(template(f"embed_in_code_{'pyo3' if pyo3 else 'other'}.md", command=told), after)


def _treatment(instructions: str, after: Facts) -> Treatment:
    return Treatment(
        remedy=embed_in_code,
        reach=Reach.PROJECT,
        instructions=instructions,
        after=after,
        scope="changes the program's code",
    )

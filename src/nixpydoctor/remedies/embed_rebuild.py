"""embed-rebuild: the host is built again with the Python of its shell, so that both are one version and one build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote

from nixpydoctor.case import Case
from nixpydoctor.embedding import with_env
from nixpydoctor.facts import Facts, FsPath, Python, leaf, parent
from nixpydoctor.findings import Finding
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.embedding import libpython, with_libpython
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy

_TELLING = {"NPD401", "NPD402", "NPD405", "NPD406"}


@remedy("build the host again with the Python of the shell")
def embed_rebuild(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Assumed: the program that comes out is the same but for its Python."""
    main, beside = case.facts.main, case.facts.beside
    if main.host is None:
        yield NotHere("what is examined does not embed Python")
        return
    if not _TELLING & {finding.rule.id for finding in findings}:
        yield NotHere("the program was built with a Python that serves it")
        return
    if beside is None or beside.python is None:
        yield NotHere("there is no python3 in this shell to build it with")
        return
    python = beside.python
    library = libpython(case, python)
    if library is None:
        yield NotHere(f"{python.command} has no shared libpython beside it that a program could be linked with")
        return
    after = with_env(_linked(case, python, library), main.process.env)
    if after is None:
        yield NotHere(f"where {python.command} would look is not known")
        return
    yield Treatment(
        remedy=embed_rebuild,
        reach=Reach.PROJECT,
        instructions=template(
            f"embed_rebuild_{'pyo3' if main.host.binding == 'pyo3' else 'other'}.md",
            python=quote(python.command),
            folder=quote(parent(library)),
            program=quote(main.process.executable),
        ),
        after=after,
        basis="assumed",
        assumes=(f"the program links {library} then and finds it", "nothing else of the program changes"),
        scope=f"gives the program the Python {python.version} of this shell",
    )


def _linked(case: Case, python: Python, library: FsPath) -> Facts:
    """The facts with the program linked anew: another need, and a run path that leads to it."""
    main = case.facts.main
    program = case.executable
    disk = case.disk
    if program is not None and main.host is not None:
        folder = parent(library)
        needed = tuple(leaf(library) if name == main.host.needed else name for name in program.needed)
        runpath = f"{folder}:{program.runpath}" if program.runpath else folder
        disk = disk.overlay({program.path: (replace(program, needed=needed, runpath=runpath),)})
    return replace(case.facts, main=with_libpython(main, python, library), disk=disk)

"""embed-rebuild: the host is built again with the Python of its shell, so that both are one version and one build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote

from nixpydoctor.case import Case
from nixpydoctor.embedding import with_env
from nixpydoctor.facts import Facts, FsPath, Python, World, in_store, leaf, parent
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import in_quotes, template
from nixpydoctor.remedies.embedding import COMPILER, libpython, with_libpython
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy

_TELLING = {"NPD401", "NPD402", "NPD405", "NPD406", "NPD411"}
_FOREIGN = {"NPD105", "NPD108"}


@remedy("build the host again with the Python of the shell")
def embed_rebuild(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Assumed: the program that comes out is the same but for its Python."""
    main, beside = case.facts.main, case.facts.beside
    if main.host is None:
        yield NotHere("what is examined does not embed Python")
        return
    if not _TELLING & {finding.rule.id for finding in findings} and not _of_another_libc(case, findings):
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
            flags=in_quotes(f"-C link-arg=-Wl,-rpath,{parent(library)}"),
            program=quote(main.process.executable),
            without=_without(main.process.env),
            compiler=COMPILER if in_store(python.base_prefix) else "",
        ),
        after=after,
        basis="assumed",
        assumes=(
            f"the program links {library} then and finds it",
            *_nixs(beside),
            "nothing else of the program changes",
        ),
        scope=f"gives the program the Python {python.version} of this shell",
    )


def _without(env: Mapping[str, str]) -> str:
    """What has to be out of the way for PYO3_PYTHON to count."""
    told = [f"-u {name}" for name in ("PYO3_CONFIG_FILE", "PYO3_NO_PYTHON") if name in env]
    return f"env {' '.join(told)} " if told else ""


def _of_another_libc(case: Case, findings: Sequence[Finding]) -> bool:
    """Whether the program starts with the distribution's C library, and what it imports was made for the store's."""
    beside = case.facts.beside
    if beside is None or in_store(case.process.interp or "") or not in_store(beside.process.interp or ""):
        return False
    return any(finding.rule.id in _FOREIGN and finding.severity is Severity.ERROR for finding in findings)


def _nixs(beside: World) -> tuple[str, ...]:
    loader = beside.process.interp
    return (f"a compiler from Nix builds it, so that {loader} starts it",) if in_store(loader or "") else ()


def _linked(case: Case, python: Python, library: FsPath) -> Facts:
    """The facts with the program linked anew: another need, and a runpath that leads to it."""
    main = case.facts.main
    program = case.executable
    disk = case.disk
    process, shell = main.process, case.facts.beside
    if shell is not None and in_store(shell.process.interp or ""):  # Nix' linker names the loader of Nix' C library
        process = replace(process, interp=shell.process.interp, loader=shell.process.loader)
    if program is not None and main.host is not None:
        folder = f"{parent(library)}:{parent(process.interp)}" if process.interp else parent(library)
        needed = tuple(leaf(library) if name == main.host.needed else name for name in program.needed)
        runpath = f"{folder}:{program.runpath}" if program.runpath else folder
        disk = disk.overlay({program.path: (replace(program, needed=needed, runpath=runpath, interp=process.interp),)})
    return replace(case.facts, main=with_libpython(replace(main, process=process), python, library), disk=disk)

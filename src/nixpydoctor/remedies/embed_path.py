"""embed-path: one variable that leads the Python inside of a host to the environment of its shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote

from nixpydoctor.case import Case
from nixpydoctor.embedding import with_env
from nixpydoctor.facts import FsPath, Host, World, join, leaf, parent
from nixpydoctor.findings import Finding
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import indented, template
from nixpydoctor.remedies.embedding import TELLING, better, complete, libpython, with_libpython
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy


@remedy("lead the embedded Python to the environment of the shell")
def embed_path(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """The first of the known ways by which everything that the shell's Python imports is found inside as well."""
    main, beside = case.facts.main, case.facts.beside
    if main.host is None:
        yield NotHere("what is examined does not embed Python")
        return
    if main.python is None:
        yield _lost(case, main.host, beside)
        return
    preferred = better(case, findings)
    if not preferred and not TELLING & {finding.rule.id for finding in findings}:
        yield NotHere("the program finds what this shell's Python finds")
        return
    if beside is None or beside.python is None or beside.python.minor != main.python.minor:
        yield NotHere("this shell's Python is of another minor version: its packages are no use to the program")
        return
    for name, value in _ways(case, main, beside, preferred):
        env = {**main.process.env, name: value}
        after = with_env(case.facts, env)
        if after is not None and complete(case, after, preferred):
            yield Treatment(
                remedy=embed_path,
                reach=Reach.SHELL,
                instructions=_steps(name, value, main.process.executable),
                after=after,
                scope=f"sets {name} for this program",
            )
            return
    yield NotHere("no single variable leads the program to the environment of this shell")


def _lost(case: Case, host: Host, beside: World | None) -> Treatment | NotHere:
    """LD_LIBRARY_PATH with the folder of the libpython that the program asks for, where the shell's Python has it."""
    python = beside.python if beside is not None else None
    library = libpython(case, python) if python is not None else None
    if python is None or library is None or leaf(library) != host.needed:
        return NotHere(f"this shell's Python has no {host.needed}")
    before = case.process.env.get("LD_LIBRARY_PATH", "")
    value = f"{parent(library)}:{before}" if before else parent(library)
    env = {**case.process.env, "LD_LIBRARY_PATH": value}
    found = replace(case.facts, main=with_libpython(case.facts.main, python, library))
    after = with_env(found, env)
    if after is None:
        return NotHere(f"where {library} would look for its standard library is not known")
    return Treatment(
        remedy=embed_path,
        reach=Reach.SHELL,
        instructions=_steps("LD_LIBRARY_PATH", value, case.process.executable),
        after=after,
        scope="sets LD_LIBRARY_PATH for this program",
    )


def _steps(name: str, value: str, program: str) -> str:
    first = value.partition(":")[0]
    wrapped = (
        f"--prefix {name} : {quote(first)}" if name in ("PATH", "LD_LIBRARY_PATH") else f"--set {name} {quote(value)}"
    )
    return template(
        "embed_path.md", variable=name, value=quote(value), program=quote(program), wrapped=indented(wrapped)
    )


def _ways(case: Case, main: World, beside: World, preferred: Mapping[str, FsPath]) -> Iterator[tuple[str, str]]:
    """Variable and value, the gentlest first."""
    if main.python is None or beside.python is None:
        return
    command = beside.python.command
    if (main.python.minor or (3, 0)) >= (3, 11):
        yield "PYTHONEXECUTABLE", command
    folder = parent(command)
    if case.disk.has(join(folder, "python3")):
        rest = main.process.env.get("PATH", "")
        yield "PATH", f"{folder}:{rest}" if rest else folder
    if beside.venv is None:
        yield "PYTHONHOME", beside.python.prefix
    folders = dict.fromkeys([*preferred.values(), *(dist.location for dist in case.only_beside.values())])
    if folders:  # only nixpkgs' start-up file takes it, and takes it away from children
        yield "NIX_PYTHONPATH", ":".join(folders)
    before = main.process.env.get("PYTHONPATH", "")
    yield "PYTHONPATH", ":".join([*folders, *([before] if before else [])])

"""What remedies for hosts share: another Python's libpython, and the world of a host that maps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nixpydoctor.case import PYTHON, Case
from nixpydoctor.facts import Dist, Facts, FsPath, Python, World, join, leaf
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.light import replace
from nixpydoctor.remedies.replaced import from_image

COMPILER = (
    "Do so where `cargo` and `cc` are Nix' own (`nix-shell -p cargo rustc`, or `nix develop`): a compiler of the\n"
    "distribution binds what it builds to the distribution's C library, which may be too old for what Nix built.\n\n"
)
"""What a build for a Python of Nix has to be told."""
TELLING = frozenset({"NPD402", "NPD404", "NPD405", "NPD406", "NPD408"})
"""Rules that say of a host that it does not arrive where its shell's Python does."""


def libpython(case: Case, python: Python) -> FsPath | None:
    """The shared library of a Python, beside its prefix; None where it is a static one."""
    if python.minor is None:
        return None
    stem = f"libpython{python.minor[0]}.{python.minor[1]}.so"
    for lib in ("lib", "lib64", f"lib/{python.machine}-linux-gnu"):
        for name in (f"{stem}.1.0", stem):
            path = join(python.base_prefix, f"{lib}/{name}")
            if case.disk.has(path):
                return path
    return None


def with_libpython(main: World, python: Python, library: FsPath) -> World:
    """The same program with the Python of that libpython inside."""
    host = main.host
    if host is None:
        return main
    inside = main.python if main.python is not None else replace(python, command=main.process.executable)
    return replace(
        main,
        host=replace(
            host, needed=leaf(library), library=library, prefix=python.base_prefix, exports=True, configured=None
        ),
        python=replace(
            inside,
            version=".".join(python.version.split(".")[:2]),
            soabi=python.soabi,
            suffixes=python.suffixes,
            builtins=python.builtins,
            frozen=python.frozen,
            basis="read",
            silence="embedded, so its paths are predicted",
        ),
    )


def better(case: Case, findings: Sequence[Finding]) -> Mapping[str, FsPath]:
    """Names whose import fails inside, and where the shell's Python takes another distribution for them from."""
    beside = case.facts.beside
    broken = {name for finding in findings if finding.severity is Severity.ERROR for name in finding.breaks}
    inside = {name: dist.location for dist in case.facts.main.dists for name in dist.top_level if name in broken}
    shell = {name: dist.location for dist in (beside.dists if beside else ()) for name in dist.top_level}
    return {name: shell[name] for name, place in inside.items() if name in shell and shell[name] != place}


def complete(case: Case, after: Facts, preferred: Mapping[str, FsPath]) -> bool:
    """Whether all that only the shell's Python had is there then, and what it has better comes from there.

    What the shell does not have may go.
    """
    python, host = after.main.python, after.main.host
    if python is None or host is None or not host.stdlib:
        return False
    found = {name: dist.location for dist in after.main.dists for name in dist.top_level}
    return found.keys() >= set(case.only_beside) and all(found.get(name) == place for name, place in preferred.items())


def both(case: Case) -> Case:
    """All that the shell's Python imports, and what somebody gave to the one inside: variables, the user site.

    What lies beside the standard library that the one inside arrives at is whatever that Python came with.
    """
    main, beside = case.facts.main, case.facts.beside
    found: dict[str, Dist] = {}
    given = {entry.path for entry in main.python.path if entry.by} if main.python is not None else set()
    given |= {main.python.user_site} if main.python is not None and main.python.user_site is not None else set()
    ours = [dist for dist in main.dists if beside is None or dist.location in given]
    for dist in (*(beside.dists if beside is not None else ()), *ours):
        if dist.name != PYTHON:
            found.setdefault(dist.key, dist)
    python = beside.python if beside is not None and beside.python is not None else main.python
    return Case(replace(case.facts, main=replace(main, python=python, dists=tuple(found.values()), hidden=())))


def of_an_image(case: Case) -> Facts:
    """The program as an environment made for it has it, and with it the shell."""
    facts = from_image(case)
    host = facts.main.host
    if host is None:
        return facts
    library = FsPath("/${env}/lib/libpython.so")
    host = replace(host, library=library, exports=True, stdlib=True, configured=None, wished=None)
    return replace(facts, main=replace(facts.main, host=host), beside=None)

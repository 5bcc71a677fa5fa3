"""The facts of a Python that nixpkgs or an image provides with all its distributions: what remedies assume that replace
the world.

Every object that nixpkgs builds names its libraries by store path, so nothing of the venv is left to examine. That
such distributions load is assumed, never proved: no treatment with these facts is `simulated`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nixpydoctor.case import PYTHON, Case
from nixpydoctor.facts import Elf, Facts, FsPath, Object, in_store
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.knowledge.sonames import attribute
from nixpydoctor.light import replace
from nixpydoctor.loader.trace import How
from nixpydoctor.remedies.common import in_nixpkgs
from nixpydoctor.remedies.nix_ld import GLIBC, shim

_OWN = frozenset({"venv", "user", "standalone", "conda", "system"})
"""Providers whose folders such a Python does not see."""


def unfit(case: Case) -> str:
    """Why Nix cannot provide a Python in the place of this one; empty where it can."""
    if not case.facts.platform.nix:
        return "it needs Nix, and there is no Nix store here"
    if case.facts.main.host is not None:
        return "the program that embeds this Python would have to be built with the other one as well"
    python = case.facts.main.python
    if python is None or python.minor is None:
        return "this Python's version is not known"
    if python.implementation != "cpython":
        return f"nixpkgs has next to no distributions for {python.implementation}"
    if case.dyld and not in_store(case.process.executable):
        return "on macOS it is known here only for a Python that is Nix's already"
    return ""


def lent(case: Case, finding: Finding) -> Iterator[str]:
    """The sonames that a failing object finds through LD_LIBRARY_PATH alone: elsewhere they would be missing too."""
    own = finding.subject in case.extension_set and finding.dist != PYTHON
    if own and case.process.env.get("LD_LIBRARY_PATH"):
        for search in case.trace(finding.subject).resolutions:
            known = attribute(search.needed)
            if known is not None and known.forbidden:
                continue  # a member of the C library: each has its own
            if search.found is not None and search.attempts and search.attempts[-1].how is How.ENV:
                yield search.needed


def unsupplied(case: Case, findings: Sequence[Finding], *, wheels: bool) -> str:
    """Why a build of what is installed would lack the same library again; empty where it would not.

    What nixpkgs has was built with its libraries; `wheels`: nothing is taken from there, the same wheels are.
    """
    for finding in findings:
        if finding.severity is Severity.ERROR and (found := attribute(finding.detail)) is not None and found.driver:
            return f"{finding.detail} comes with the machine's driver, and no package would bring it"
        if finding.rule.id == "NPD101" and finding.severity is Severity.ERROR and finding.dist is not None:
            known = attribute(finding.detail)
            if (known is None or known.forbidden) and (wheels or in_nixpkgs(case, finding.dist) is None):
                return f"{finding.dist} would lack {finding.detail} there as well: no package is known to have it"
        if finding.severity is Severity.ERROR and finding.dist is not None:
            for soname in lent(case, finding):
                if attribute(soname) is None and (wheels or in_nixpkgs(case, finding.dist) is None):
                    return f"{finding.dist} has {soname} from LD_LIBRARY_PATH, and no package is known to have it"
    return ""


def from_nixpkgs(case: Case) -> Facts:
    """The facts where everything is Nix's; what a variable brings along stays as it is."""
    facts, python, process = case.facts, case.facts.main.python, case.process
    kept = tuple(entry for entry in python.path if entry.by or entry.provider not in _OWN) if python is not None else ()
    folders = {entry.path for entry in kept if entry.by}
    changes: dict[FsPath, tuple[Object, ...]] = {}
    if not case.dyld:
        path = FsPath("/${nix-python}/bin/python3")
        loader = process.loader
        if loader is None or loader.family != "glibc" or not in_store(loader.real):
            loader, changes = shim(case, FsPath(f"{GLIBC}/ld.so"), "")
            loader = replace(loader, shim=None)
        arch = case.arch
        if arch is not None:
            program = Elf(path, (-1, hash(path)), arch, 3, interp=loader.path, needed=("libc.so.6",), pie=True)
            changes[path] = (program,)
        process = replace(process, executable=path, interp=loader.path, loader=loader)
    if python is not None:
        python = replace(python, path=kept, user_site=None, user_folder=None, answered=True, silence=None)
    main = replace(
        facts.main,
        process=process,
        python=python,
        venv=None,
        dists=tuple(dist for dist in facts.main.dists if dist.location in folders),
        hidden=tuple(dist for dist in facts.main.hidden if dist.location in folders),
    )
    return replace(facts, main=main, disk=case.disk.overlay(changes))


def from_image(case: Case) -> Facts:
    """The same for a container: no variable of this shell reaches it either."""
    facts = from_nixpkgs(case)
    main, python = facts.main, facts.main.python
    if python is not None:
        python = replace(python, path=tuple(entry for entry in python.path if not entry.by))
    names = [name for name in main.process.env if name.startswith(("LD_", "PYTHON", "_PYTHON", "NIX_", "VIRTUAL_ENV"))]
    process = main.process
    for name in names:
        process = process.setenv(name, None)
    return replace(facts, main=replace(main, process=process, python=python, dists=(), hidden=()))

"""dev-shell: what fails comes from nixpkgs, the rest stays with pip or uv in a venv that sees it (mkShell)."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import PYTHON, Case
from nixpydoctor.facts import Dist, Facts, in_store, leaf
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.knowledge.nixpkgs_python import selected
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import in_nixpkgs, python_attribute, template
from nixpydoctor.remedies.nix_texts import plain
from nixpydoctor.remedies.replaced import unfit, unsupplied
from nixpydoctor.remedies.venvs import made_with
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy

_TOOLS = ("uv", "poetry", "pdm", "hatch", "pipenv", "virtualenv")
"""Programs that the commands for a venv may start; nixpkgs calls them the same."""


@remedy("take what fails from nixpkgs, in a shell, and keep the venv for the rest")
def dev_shell(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """The distributions that nixpkgs has leave the venv; what is said of the others stays true."""
    venv, loader = case.facts.main.venv, case.process.loader
    why = unfit(case) or unsupplied(case, findings, wheels=False)
    if not why and (venv is None or not venv.base_exists):
        why = "there is no venv with a Python here that could see more"
    if not why and not case.dyld and (loader is None or not in_store(loader.real)):
        why = "this Python is not Nix's: what nixpkgs builds wants the C library that it was built with"
    moved = () if why else _moved(case, findings)
    if why or venv is None or not moved:
        yield NotHere(why or "nothing that fails here is known to be in nixpkgs")
        return
    lines = dict.fromkeys(
        f"    {selected('ps', in_nixpkgs(case, one.key) or one.key)} # {one.version} here" for one in moved
    )
    project = case.facts.project
    file = "shell.nix" if project is None or "shell.nix" not in project.files else "python-shell.nix"
    steps = made_with(case, replace(venv, system_site=True), "python3")
    started = {word for step in steps for word in step.split()}
    tools = "".join(f"    pkgs.{name}\n" for name in _TOOLS if name in started)
    text = template("dev_shell.nix", python=python_attribute(case), packages="\n".join(lines), tools=tools)
    yield Treatment(
        remedy=dev_shell,
        reach=Reach.PROJECT,
        instructions=template(
            "dev_shell.md",
            file=file,
            text=text,
            steps="".join(f"$ {step}\n" for step in steps),
            names=" ".join(one.key for one in moved),
            python=shlex.quote(f"{leaf(venv.root)}/bin/python"),
            target=shlex.quote(case.facts.choice.target),
        ),
        after=_after(case, moved),
        basis="assumed",
        assumes=("nixpkgs has these distributions in versions that the others accept",),
        files=(Snippet(file, text),),
        scope="replaces what nixpkgs has, and leaves the rest as it is",
    )


def _moved(case: Case, findings: Sequence[Finding]) -> tuple[Dist, ...]:
    """The distributions that something loud is said about and that nixpkgs is known to have."""
    loud = {finding.dist for finding in findings if finding.severity > Severity.NOTE}
    return tuple(
        dist
        for dist in case.facts.main.dists
        if dist.key in loud and dist.name != PYTHON and plain(dist) and in_nixpkgs(case, dist.key) is not None
    )


def _after(case: Case, moved: Sequence[Dist]) -> Facts:
    """The facts where these are Nix's; the venv sees them."""
    main = case.facts.main
    venv = replace(main.venv, system_site=True) if main.venv is not None else None
    return replace(
        case.facts, main=replace(main, venv=venv, dists=tuple(dist for dist in main.dists if dist not in moved))
    )

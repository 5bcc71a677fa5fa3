"""NPD301: the Python that a venv was made from is no longer there."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Venv, parent, store_path
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.rules.venvs import profile


@rule(
    "NPD301",
    Severity.ERROR,
    "the Python that a venv was made from is gone",
    symptoms=(
        r"Broken symlink at [`'\"]?(?P<path>[^`'\"\s,]+)",
        r"was the underlying Python interpreter removed",
        r"(?P<path>\S*/bin/python[\d.]*): No such file or directory",
    ),
)
def venv_base_gone(case: Case) -> Iterator[Finding]:
    """One finding: nothing of the venv can run until its base is back or it is made anew."""
    venv = case.facts.main.venv
    if venv is None or venv.base_exists:
        return
    base = venv.base or venv.home or venv.root
    yield venv_base_gone.finding(
        venv.root,
        f"the venv's Python {base} does not exist{_why(case, venv, base)}",
        venv,
        detail=base,
        loads=False,
    )


def _why(case: Case, venv: Venv, base: FsPath) -> str:
    """What became of it, as far as the files that are left tell."""
    step, path = profile(venv), store_path(base)
    if path is not None and not case.facts.platform.nix:
        return ": this machine has no Nix store, so the venv comes from another one or from inside of a container"
    if path is not None and case.disk.names(path) is None:
        return f" any more: {path} was collected from the Nix store"
    if step is not None:
        return f" any more: {step} has been updated and does not lead to a Python of that name"
    if path is not None:
        return f": {path} is there and has no such program, so the link was wrong from the beginning"
    for part, tool in (("/uv/python/", "uv"), ("/.pyenv/versions/", "pyenv"), ("/.asdf/", "asdf"), ("/mise/", "mise")):
        if part in base:
            return f" any more: {tool} has removed or replaced it"
    if case.disk.names(parent(parent(base))) is None:
        return ", nor does its folder: it was removed, or the venv was made on another machine or in a container"
    return " any more: it was removed or moved"

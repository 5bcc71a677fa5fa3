"""NPD210: packages that Nix put together for this Python are not on its path."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Python, Venv, in_store, join, parent
from nixpydoctor.findings import Evidence, Finding, Place, Severity, rule

_SHOWN = 5


@rule(
    "NPD210",
    Severity.NOTE,
    "packages of a Nix environment are not visible",
    symptoms=(
        r"Ignoring Python interpreter at `?(?P<path>\S+?)`?: system interpreter (?:required|explicitly requested)",
    ),
)
def hidden_nix_packages(case: Case) -> Iterator[Finding]:
    """One finding for each folder of packages that a variable names or that the venv was made from."""
    python = case.facts.main.python
    if python is None:
        return
    visible = {entry.path for entry in python.path}
    named = [part for part in case.process.env.get("NIX_PYTHONPATH", "").split(":") if part.startswith("/")]
    for folder in dict.fromkeys(map(FsPath, named)):
        names = _hidden(case, folder, visible)
        if names:
            yield _finding(folder, names, _why(case, python), Place(folder, "is named by NIX_PYTHONPATH"))
    venv = case.facts.main.venv
    made_from = _packages(python, venv) if venv is not None and not venv.system_site else None
    if venv is not None and made_from is not None and made_from not in named:
        names = _hidden(case, made_from, visible)
        if names:
            yield _finding(made_from, names, "the venv was made without --system-site-packages", venv)


def _finding(folder: FsPath, names: list[str], why: str, evidence: Evidence) -> Finding:
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return hidden_nix_packages.finding(folder, f"{shown} of a Nix environment cannot be imported: {why}", evidence)


def _why(case: Case, python: Python) -> str:
    """Nixpkgs' sitecustomize takes the variable, so something keeps it from that."""
    if not in_store(case.process.executable):
        return "NIX_PYTHONPATH means nothing to a Python that is not Nix's"
    if case.facts.main.venv is not None:
        return "NIX_PYTHONPATH is taken by sitecustomize.py of the base Python, which a venv does not see"
    winner = case.winners.winner("sitecustomize")
    if winner is None:
        return "NIX_PYTHONPATH is set, and there is no sitecustomize.py that would take it"
    if not in_store(winner.module.path):
        return f"{winner.module.path} stands before the sitecustomize.py that would take NIX_PYTHONPATH"
    return f"NIX_PYTHONPATH had no effect on this Python {python.version}"


def _packages(python: Python, venv: Venv) -> FsPath | None:
    """The site-packages of the Nix environment whose Python the venv was made from."""
    if venv.home is None or not in_store(venv.home) or python.minor is None:
        return None
    if not venv.home.split("/")[3].endswith("-env"):
        return None  # a bare Python: its own site-packages hold nothing of anybody's
    return join(parent(venv.home), f"lib/python{python.minor[0]}.{python.minor[1]}/site-packages")


def _hidden(case: Case, folder: FsPath, visible: set[FsPath]) -> list[str]:
    """Distributions in a folder that is not on the path, which nothing on the path gives."""
    if folder in visible:
        return []
    have = {dist.key for dist in case.facts.main.dists}
    stems = [name.partition("-")[0] for name in sorted(case.disk.names(folder) or ()) if name.endswith(".dist-info")]
    return [stem for stem in stems if stem.lower().replace("_", "-").replace(".", "-") not in have | {"pip"}]

"""NPD205: a Nix Python imports from the user's own site-packages, or is kept from it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, in_store
from nixpydoctor.findings import Evidence, Finding, Place, Severity, rule

_SHOWN = 6


@rule(
    "NPD205",
    Severity.NOTE,
    "a Nix Python and the user's own site-packages",
    symptoms=(
        r"Defaulting to user installation because normal site-packages is not writeable",
        r"WARNING: The scripts? .*\.local/bin' which is not on PATH",
    ),
)
def user_site_on_nix_python(case: Case) -> Iterator[Finding]:
    """One finding: what of it is imported, or that PYTHONNOUSERSITE hides it."""
    python = case.facts.main.python
    if python is None or case.facts.main.venv is not None or not in_store(case.process.executable):
        return
    entry = next((entry for entry in python.path if entry.provider == "user"), None)
    if entry is not None:
        names = [dist.name for dist in case.facts.main.dists if dist.location == entry.path]
        if names:
            yield _finding(entry.path, f"{_list(names)} from the user's site-packages in a Nix Python", entry)
    elif python.user_folder is not None and case.process.env.get("PYTHONNOUSERSITE"):
        names = _installed(case, python.user_folder)
        if names:
            message = f"PYTHONNOUSERSITE hides {_list(names)}, which pip put into the user's site-packages"
            yield _finding(python.user_folder, message, Place(python.user_folder, "is not on sys.path"))


def _finding(folder: FsPath, message: str, evidence: Evidence) -> Finding:
    return user_site_on_nix_python.finding(folder, message, evidence, detail="user site")


def _installed(case: Case, folder: FsPath) -> list[str]:
    """Distributions of a folder that is not on the path, and that this Python cannot import from elsewhere either."""
    have = {dist.key for dist in case.facts.main.dists}
    stems = [name.partition("-")[0] for name in sorted(case.disk.names(folder) or ()) if name.endswith(".dist-info")]
    return [stem for stem in stems if stem.lower().replace("_", "-") not in have]


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"

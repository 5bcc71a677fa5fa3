"""NPD307: a project has no venv, and its Python is managed by Nix or by the distribution, not by pip."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, in_store
from nixpydoctor.findings import Finding, Place, Severity, rule


@rule(
    "NPD307",
    Severity.NOTE,
    "pip cannot install into this Python",
    symptoms=(
        r"error: externally-managed-environment",
        r"\[Errno 30\] Read-only file system: '(?P<path>/nix/store/[^']*)'",
        r"\[Errno 13\] Permission denied: '(?P<path>/nix/store/[^']*)'",
    ),
)
def externally_managed(case: Case) -> Iterator[Finding]:
    """A note, and only where a project asks for a place to install into and no venv is there."""
    python, project = case.facts.main.python, case.facts.project
    if python is None or project is None or case.facts.main.venv is not None or python.minor is None:
        return
    folder = f"{python.base_prefix}/lib/python{python.minor[0]}.{python.minor[1]}"
    marker = FsPath(f"{folder}/EXTERNALLY-MANAGED")
    if in_store(python.prefix):
        why = Place(python.prefix, "is a path of the Nix store, which nobody writes to")
    elif isinstance(case.disk.text(marker), str):
        why = Place(marker, "says that another tool manages this Python (PEP 668)")
    else:
        return
    yield externally_managed.finding(
        python.command,
        f"the project in {project.root} has no venv, and pip cannot install into {python.prefix}",
        why,
        detail="managed",
    )

"""restore-store-path: bring store paths back that garbage collection took, and keep them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import join
from nixpydoctor.findings import Finding
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.lost import lost, returned
from nixpydoctor.remedies.venvs import restored
from nixpydoctor.treatments import NotHere, Reach, Treatment, ground, remedy


@remedy("bring a lost store path back")
def restore_store_path(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """The same path has the same content, so everything that named it works again; whether it can be had is assumed."""
    paths = lost(case, findings)
    folder = ground(case.facts)
    if not paths or folder is None:
        yield NotHere("no store path that this Python needs is known to be lost")
        return
    if not case.facts.platform.nix:
        yield NotHere("this machine has no Nix store to bring it back to")
        return
    root = join(folder, "nix-base")
    venv = case.facts.main.venv
    before = restored(case, (root,)) if venv is not None and not venv.base_exists else case.facts
    yield Treatment(
        remedy=restore_store_path,
        reach=Reach.VENV if venv is not None else Reach.PROJECT,
        instructions=template(
            "restore_store_path.md",
            paths=shlex.join(paths),
            root=shlex.quote(root),
            target=shlex.quote(case.facts.choice.target),
        ),
        after=returned(case, before, paths),
        basis="assumed",
        assumes=(f"a binary cache of this machine that has {' and '.join(paths)}",),
        scope="brings back store paths that are gone",
    )

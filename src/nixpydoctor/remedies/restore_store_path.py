"""restore-store-path: bring a store path back that garbage collection took, and keep it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import join, store_path
from nixpydoctor.findings import Finding
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.venvs import restored
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy


@remedy("bring a lost store path back")
def restore_store_path(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """The same path has the same content, so everything that named it works again; whether it can be had is assumed."""
    venv = case.facts.main.venv
    base = venv.base or venv.home if venv is not None else None
    if venv is None or venv.base_exists or base is None:
        yield NotHere("no store path that this Python needs is known to be lost")
        return
    path = store_path(base)
    if path is None:
        yield NotHere(f"{base} was never a store path")
        return
    if not case.facts.platform.nix:
        yield NotHere("this machine has no Nix store to bring it back to")
        return
    root = join(venv.root, "nix-base")
    yield Treatment(
        remedy=restore_store_path,
        reach=Reach.VENV,
        instructions=template(
            "restore_store_path.md", path=path, root=shlex.quote(root), target=case.facts.choice.target
        ),
        after=restored(case, (root,)),
        basis="assumed",
        assumes=(f"a binary cache of this machine that has {path}", "that it is the path of this machine's system"),
        scope="brings one store path back",
    )

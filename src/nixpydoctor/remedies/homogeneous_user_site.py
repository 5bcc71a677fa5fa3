"""homogeneous-user-site: everything from pip in the user site, nothing from Nix beside it; honest, and last."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import PYTHON, Case
from nixpydoctor.findings import Finding
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.nix_texts import plain
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy


@remedy("take everything from pip, into the user site", last_resort=True)
def homogeneous_user_site(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Where Nix's packages and the user site are mixed, the user site alone is what is left."""
    main, python = case.facts.main, case.facts.main.python
    users = {entry.path for entry in python.path if entry.provider == "user"} if python is not None else set()
    nixs = {entry.path for entry in python.path if entry.provider == "nix-env"} if python is not None else set()
    if python is None or not users or not nixs or not findings:
        yield NotHere("packages of Nix and a user site are not mixed here")
        return
    leaving = [dist for dist in (*main.dists, *main.hidden) if dist.location in nixs and dist.name != PYTHON]
    missing = sorted({dist.key for dist in leaving if plain(dist)})
    kept = tuple(dist for dist in main.dists if dist.location not in nixs)
    path = tuple(entry for entry in python.path if entry.path not in nixs)
    yield Treatment(
        remedy=homogeneous_user_site,
        reach=Reach.SYSTEM,
        instructions=template(
            "homogeneous_user_site.md",
            packages=" ".join(missing),
            target=shlex.quote(case.facts.choice.target),
        ),
        after=replace(case.facts, main=replace(main, python=replace(python, path=path), dists=kept, hidden=())),
        basis="assumed",
        assumes=(
            "a bare Python of Nix, without packages, and no variable that brings them",
            "pip has wheels of what Nix brought until now, and they lack nothing",
        ),
        scope="takes Nix's packages away",
    )

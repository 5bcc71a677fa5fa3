"""sign-again: an ad hoc signature for the files of a venv that macOS refuses for theirs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, in_store
from nixpydoctor.findings import Finding
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import template
from nixpydoctor.treatments import NotHere, Reach, Treatment, ground, remedy

if TYPE_CHECKING:
    from nixpydoctor.darwin import MachO


@remedy("sign files again that were changed after signing")
def sign_again(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Only what may be written to: in the store a changed file is another file, and its build has to sign it."""
    base = ground(case.facts)
    files = list(dict.fromkeys(FsPath(finding.detail) for finding in findings if finding.rule.id == "NPD604"))
    if not files:
        yield NotHere("no file is refused here for its signature")
        return
    ours = [file for file in files if base is not None and file.startswith(f"{base}/") and not in_store(file)]
    if not ours:
        yield NotHere(f"{files[0]} is not below the venv or the project: whoever built it has to sign it")
        return
    yield Treatment(
        remedy=sign_again,
        reach=Reach.VENV,
        instructions=template("sign_again.md", files=shlex.join(ours), target=shlex.quote(case.facts.choice.target)),
        after=replace(case.facts, disk=case.disk.overlay({}, slices={file: signed(case, file) for file in ours})),
        scope="reaches only files below the venv or the project",
    )


def signed(case: Case, file: FsPath) -> tuple[MachO, ...]:
    """The slices of a file as `codesign --force --sign -` leaves them."""
    from nixpydoctor.darwin import Signature  # only where dyld is the loader

    slices = case.disk.slices(file)
    kept = Signature("kept", adhoc=True)
    return tuple(replace(part, signature=kept) for part in slices) if isinstance(slices, tuple) else ()

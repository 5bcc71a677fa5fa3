"""What `check` does with a command line that was understood: examine, report, pass or fail."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nixpydoctor import console
from nixpydoctor.light import dataclass

if TYPE_CHECKING:
    from nixpydoctor.report.view import Color


@dataclass(frozen=True, slots=True)
class Asked:
    """What `check` was asked on its command line."""

    target: str | None = None
    python: str | None = None
    reports: tuple[str, ...] = ()
    """`FORMAT` or `FORMAT=FILE` each."""
    no_exec: bool = False
    imports: bool = False
    facts: str | None = None
    save_facts: str | None = None
    fail_on: str = "error"
    exit_zero: bool = False
    verbose: int = 0
    quiet: bool = False
    color: Color = "auto"
    macos: str | None = None
    target_arch: str | None = None
    output: str | None = None
    """The file of the one report that has none."""


def check(asked: Asked) -> int:
    """Examine what is meant, report, and tell the exit code."""
    from nixpydoctor import outputs, workflow

    cwd = os.getcwd()
    planned = outputs.planned(asked.reports, asked.output, cwd)
    wish = workflow.Wish(
        asked.target, asked.python, not asked.no_exec, asked.imports, asked.facts, asked.save_facts,
        asked.macos, asked.target_arch,
    )  # fmt: skip
    with workflow.Progress(quiet=asked.quiet) as progress:
        diagnosis = workflow.check(wish, os.environ, cwd, progress)
    outputs.write(planned, diagnosis, asked.verbose, asked.color, quiet=asked.quiet)
    if not asked.quiet:
        outputs.tell_github(planned, diagnosis, os.environ)
    return console.verdict(diagnosis, asked.fail_on, exit_zero=asked.exit_zero)

"""What `run` does: runs the command, and where it failed explains on stderr why, with the facts of its own process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nixpydoctor import console, runner

if TYPE_CHECKING:
    from nixpydoctor.report.view import Color


def run(command: Sequence[str], *, look: bool, color: Color) -> int:
    """Run the command to its end, and tell its exit status; what we have to say changes nothing about it."""
    ended = runner.run(command)
    if ended.failure:
        console.complain(ended.failure)
    if ended.code != 0 and not runner.interrupted(ended.code):
        console.outcome(lambda: _explain(ended, command, look=look, color=color))
    return ended.code


def _explain(ended: runner.Ended, command: Sequence[str], *, look: bool, color: Color) -> int:
    from nixpydoctor import questions
    from nixpydoctor.progress import Progress
    from nixpydoctor.report import as_explanation

    told = questions.told_of_failure(
        ended.failure or ended.said.text(), "" if ended.failure else runner.last_words(ended.code)
    )
    environ = runner.environment(ended, os.environ)
    with Progress(quiet=False) as progress:
        python, host = runner.python_of(ended, command), runner.host_of(ended, command)
        found = questions.answer(told, environ, os.getcwd(), progress, look=look, command=python, host=host)
    head = f"the command ended with exit status {ended.code}."
    if found.foreign and ended.failure:
        return 0
    if found.foreign:
        what = "about something else" if found.told.decisive is not None else "nothing that is known"
        console.complain(f"{head} Its errors are {what}: not libraries, Python's paths, venvs or Nix.")
        return 0
    console.complain(head)
    view = console.view(color, verbose=0, home=os.environ.get("HOME") or None, to_stderr=True)
    console.tell(as_explanation.render(found, view, ended.said.left_out), to_stderr=True)
    return 0

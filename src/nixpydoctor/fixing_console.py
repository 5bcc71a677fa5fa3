"""What `fix` prints and asks, and its exit code: 1 while errors remain."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from nixpydoctor import console, fixing, gate
from nixpydoctor.console import say, tell
from nixpydoctor.light import dataclass
from nixpydoctor.progress import Progress
from nixpydoctor.target import UsageError
from nixpydoctor.workflow import Wish

if TYPE_CHECKING:
    from nixpydoctor.doctor import Diagnosis, Trial
    from nixpydoctor.report.view import Color


@dataclass(frozen=True, slots=True)
class Asked:
    """What `fix` was asked on its command line."""

    words: tuple[str, ...] = ()
    apply: bool = False
    undo: bool = False
    yes: bool = False
    library_from: tuple[str, ...] = ()
    python: str | None = None
    report: str = "text"
    verbose: int = 0
    color: Color = "auto"


def fix(asked: Asked) -> int:
    """List, show, carry out or take back."""
    order = fixing.understood(asked.words)
    wish = Wish(order.target, asked.python, library_from=asked.library_from)
    if asked.undo:
        if asked.apply or order.name is not None:
            raise UsageError("--undo takes back all that was done to TARGET: leave out --apply and the remedy.")
        return _undo(wish, asked)
    if asked.apply and order.name is None:
        raise UsageError("--apply wants the name of a remedy: nixpydoctor fix lists those that help here.")
    diagnosis = _diagnosed(wish)
    if asked.apply:
        diagnosis = _apply(fixing.editable(diagnosis, order.name or ""), diagnosis, wish, asked)
    else:
        _show(order.name, diagnosis, asked)
    console.own_up(diagnosis)
    return gate.exit_code(diagnosis)


def _diagnosed(wish: Wish) -> Diagnosis:
    with Progress(quiet=False) as progress:
        return fixing.diagnosed(wish, os.environ, os.getcwd(), progress)


def _apply(trial: Trial, diagnosis: Diagnosis, wish: Wish, asked: Asked) -> Diagnosis:
    """Carry it out and report what is left."""
    if not asked.yes:
        _ask(trial, diagnosis, asked)
    applied = fixing.act(diagnosis, trial, os.environ)
    left = _diagnosed(wish)
    if asked.report == "json":
        from nixpydoctor.report import as_json

        say(as_json.render(left, applied=applied, before=fixing.stand(left)))
    else:
        from nixpydoctor.report import as_fix

        view = console.view(asked.color, verbose=asked.verbose, home=left.facts.home)
        rest = console.rendered(left, asked.report, verbose=asked.verbose, color=asked.color)
        tell(f"{as_fix.done(applied, view)}\n{rest}")
    return left


def _ask(trial: Trial, diagnosis: Diagnosis, asked: Asked) -> None:
    """Show what would change and wait for a yes. Raises `UsageError` where nobody can give one."""
    from nixpydoctor.report import as_fix
    from nixpydoctor.report.words import count

    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("--apply asks before it changes anything, and nobody can answer here: add --yes.")
    view = console.view(asked.color, verbose=asked.verbose, home=diagnosis.facts.home)
    question = f"Make {count(len(trial.treatment.edits), 'change')}? [y/N] "
    sys.stderr.write("\n".join([*as_fix.diff(trial.treatment.edits, diagnosis.facts, view), question]))
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("Nothing was changed.")


def _show(name: str | None, diagnosis: Diagnosis, asked: Asked) -> None:
    """All that helps, or one remedy in full."""
    before = fixing.stand(diagnosis)
    if asked.report == "json":
        from nixpydoctor.report import as_json

        say(as_json.render(diagnosis, before=before))
        return
    from nixpydoctor.report import as_fix

    view = console.view(asked.color, verbose=asked.verbose, home=diagnosis.facts.home)
    trials = fixing.chosen(diagnosis, name) if name is not None else ()
    if name is None:
        tell(as_fix.listing(diagnosis, view, before))
    elif trials:
        tell(as_fix.plan(trials, diagnosis, view))
    else:
        console.complain(view.short(fixing.refused(diagnosis, name)))


def _undo(wish: Wish, asked: Asked) -> int:
    done = fixing.take_back(wish, os.environ, os.getcwd())
    if asked.report == "json":
        from nixpydoctor.report import as_json

        say(as_json.done(done))
    elif done is None:
        say("There is nothing to undo: no edit was made here.\n")
    else:
        from nixpydoctor.report import as_fix

        tell(as_fix.done(done, console.view(asked.color, verbose=0, home=os.environ.get("HOME")), undone=True))
    return gate.PASSED

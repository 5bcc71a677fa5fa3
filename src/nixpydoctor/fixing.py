"""`fix` as a sequence of the arrows: what is offered, what it would change, doing it, checking again, undoing it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence

from nixpydoctor.doctor import Diagnosis, Trial
from nixpydoctor.edits import Applied, EditError, State, apply, state, undo
from nixpydoctor.facts import FsPath
from nixpydoctor.light import dataclass
from nixpydoctor.remedies import REMEDIES
from nixpydoctor.target import UsageError, find
from nixpydoctor.treatments import ground
from nixpydoctor.workflow import Report, Wish, check

__all__ = ["Applied", "Order", "act", "chosen", "diagnosed", "editable", "refused", "stand", "take_back", "understood"]


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked of `fix`."""

    name: str | None = None
    """A remedy's."""
    target: str | None = None


def understood(words: Sequence[str]) -> Order:
    """A word that names a remedy is its name, any other is the target. Raises `UsageError`."""
    names = [remedy.name for remedy in REMEDIES]
    if len(words) == 2 and words[0] not in names and words[1] in names:
        words = [words[1], words[0]]
    if not words:
        return Order()
    first, *rest = words
    if first in names:
        return Order(first, *rest)
    if rest:
        raise UsageError(f"No remedy is called {first!r}.{_meant(first, names)} nixpydoctor fix lists what helps here.")
    if "/" not in first and not os.path.lexists(first):
        raise UsageError(f"No remedy and no folder is called {first!r}.{_meant(first, names)}")
    return Order(None, first)


def _meant(word: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, names, n=2, cutoff=0.5)
    return f" Did you mean {' or '.join(near)}?" if near else ""


def diagnosed(wish: Wish, environ: Mapping[str, str], cwd: str, progress: Report) -> Diagnosis:
    """What `check` finds."""
    return check(wish, environ, cwd, progress)


def chosen(diagnosis: Diagnosis, name: str) -> tuple[Trial, ...]:
    """The treatments of one remedy that help here, best first."""
    return tuple(trial for trial in diagnosis.offers if trial.treatment.remedy.name == name)


def refused(diagnosis: Diagnosis, name: str) -> str:
    """Why a remedy is not offered, as a sentence."""
    for refusal in diagnosis.not_offered:
        if refusal.remedy.name == name:
            return f"{name} is not offered here: {refusal.why}."
    return f"{name} is not offered here: there is nothing that it could cure."


def editable(diagnosis: Diagnosis, name: str) -> Trial:
    """The treatment that the tool itself can carry out. Raises `UsageError`."""
    trials = chosen(diagnosis, name)
    if not trials:
        raise UsageError(refused(diagnosis, name))
    for trial in trials:
        if trial.treatment.edits:
            return trial
    raise UsageError(f"{name} is for you to carry out: nixpydoctor fix {name} shows the steps.")


def act(diagnosis: Diagnosis, trial: Trial, environ: Mapping[str, str]) -> Applied:
    """Make a treatment's edits. Raises `UsageError`, with everything as it was."""
    facts, treatment = diagnosis.facts, trial.treatment
    base = ground(facts)
    if base is None:
        raise UsageError("There is no venv and no project folder in which the journal could be kept.")
    try:
        return apply(treatment.edits, base, treatment.remedy.name, facts.disk.objects, environ)
    except EditError as error:
        raise UsageError(str(error)) from error


def stand(diagnosis: Diagnosis) -> State | None:
    """What was done before and how it stands; None where nothing was. Raises `UsageError`."""
    base = ground(diagnosis.facts)
    try:
        return state(base) if base is not None else None
    except EditError as error:
        raise UsageError(str(error)) from error


def take_back(wish: Wish, environ: Mapping[str, str], cwd: str) -> Applied | None:
    """Undo what was done to the target; None where nothing was. Raises `UsageError`, with nothing touched."""
    target = find(wish.target, environ, cwd, wish.python)
    bases = dict.fromkeys(base for base in (target.venv_root, target.project_root) if base is not None)
    try:
        done = [found for base in bases if (found := undo(FsPath(base))) is not None]
    except EditError as error:
        raise UsageError(str(error)) from error
    return done[0] if done else None

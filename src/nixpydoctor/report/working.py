"""Evidence in words: which places a loader looked at, in its order, and what else speaks for a finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from nixpydoctor.edges import Opening
from nixpydoctor.facts import Dist, Facts, Imported, PathEntry, Process, Python, Unread, Venv, parent
from nixpydoctor.findings import Evidence, Place, Shadowing
from nixpydoctor.loader.trace import Attempt, How, Resolution, Verdict, VersionFault
from nixpydoctor.report.view import View
from nixpydoctor.report.words import count

_WORDS = 18
"""The longest name of a step."""
_STEPS = (How.LOADED, How.PRELOAD, How.DIRECT, How.RPATH, How.ENV, How.RUNPATH, How.CACHE, How.SYSTEM)
_LAST = (Verdict.FOUND, Verdict.INVALID)
"""What ends a search: the steps after it were not taken."""


def evidence(item: Evidence, facts: Facts, view: View) -> list[str]:
    """One piece of evidence as labelled lines."""
    match item:
        case Resolution():
            return search(item, facts.main.process, view)
        case VersionFault():
            return view.sentence("because", f"{item.provider} has no {item.version}, and {item.requester} wants it")
        case Unread():
            return view.sentence("because", f"{item.path}: {item.reason}")
        case Place():
            return view.sentence("because", f"{item.path}: {item.says}")
        case Opening():
            where = item.site if item.line is None else f"{item.site}:{item.line}"
            known = f" (known from {item.source})" if item.source else ""
            return view.sentence("because", f"{where} opens {' or '.join(item.names)}{known}")
        case PathEntry():
            return view.sentence("because", f"{item.path} is on sys.path ({_whose(item)})")
        case Shadowing():
            hidden = ", ".join(f"{entry.path} ({_whose(entry)})" for entry in item.shadowed)
            return view.sentence("because", f"import {item.name} gets {item.winner} and not what is in {hidden}")
        case Dist():
            return view.sentence("because", f"{item.name} {item.version} is in {item.location}")
        case Venv():
            made = f"made from {item.home}" if item.home else "which does not say what it was made from"
            return view.sentence("because", f"{item.root} is a venv {made}")
        case Python():
            said = item.silence or f"says that it is {item.version}"
            return view.sentence("because", f"{item.command}: {said}")
        case Imported():
            return view.sentence("because", f"import {item.name} {item.outcome}: {_last(item.error)}")
        case _:
            assert_never(item)


def _whose(entry: PathEntry) -> str:
    return f"{entry.provider}, from {entry.by}" if entry.by else entry.provider


def _last(error: str) -> str:
    """The innermost exception: it comes first in a chain."""
    return error.strip().split("\n", 1)[0]


def search(resolution: Resolution, process: Process, view: View) -> list[str]:
    """The working of one search. Every single place at `-vv`, else one line for each step."""
    loader = process.loader.real if process.loader else "no loader"
    lines = view.sentence("searched", f"by {loader}")
    rows = every(resolution, process) if view.verbose > 1 else _steps(resolution, process, view)
    indent = "    " if view.narrow else " " * 13
    for how, where, verdict in rows:
        named = f"{how}:" if view.narrow else f"{how:<{_WORDS}}"
        said = verdict if verdict in ("", Verdict.ABSENT.value) else view.paint(verdict, "warning")
        lines.append(f"{indent}{named} {view.short(where)}  {said}".rstrip())
    return lines


def every(resolution: Resolution, process: Process) -> Iterator[tuple[str, str, str]]:
    """Each place in the loader's order, and each step that readers expect and that had none: step, place, outcome."""
    attempts = resolution.attempts
    tried = {attempt.how for attempt in attempts}
    dyld = process.loader is not None and process.loader.family == "dyld"
    idle = [] if dyld else [how for how in (How.ENV, How.CACHE) if how not in tried and _why_not(how, process)]
    for attempt in attempts:
        while idle and _before(idle[0], attempt.how):
            yield idle[0].value, _why_not(idle.pop(0), process), ""
        whose = f" (of {attempt.source})" if attempt.source and attempt.source != resolution.requester else ""
        reason = f": {attempt.reason}" if attempt.reason else ""
        yield attempt.how.value, attempt.path + whose, attempt.verdict.value + reason
    if not attempts or attempts[-1].verdict not in _LAST:
        yield from ((how.value, _why_not(how, process), "") for how in idle)


def _steps(resolution: Resolution, process: Process, view: View) -> Iterator[tuple[str, str, str]]:
    dyld = process.loader is not None and process.loader.family == "dyld"
    for how in dict.fromkeys(attempt.how for attempt in resolution.attempts) if dyld else _STEPS:
        if not dyld and any(attempt.verdict in _LAST for attempt in resolution.attempts if _before(attempt.how, how)):
            return
        tried = [attempt for attempt in resolution.attempts if attempt.how is how]
        odd = [attempt for attempt in tried if attempt.verdict is not Verdict.ABSENT]
        places = list(dict.fromkeys(_folder(attempt) for attempt in tried if attempt not in odd))
        if places:
            more = f" and {count(len(places) - 1, 'other folder')}" if len(places) > 1 else ""
            if dyld and len(places) == 1 and not tried[0].path.startswith("@"):
                yield how.value, tried[0].path, tried[0].reason
            else:
                yield how.value, places[0] + more, Verdict.ABSENT.value
        elif not odd and (why := _why_not(how, process)):
            yield how.value, why, ""
        for attempt in odd:
            said = f"{attempt.verdict.value}: {attempt.reason}".rstrip(": ")
            yield how.value, attempt.path, attempt.reason if dyld else said


def _before(one: How, other: How) -> bool:
    return _STEPS.index(one) < _STEPS.index(other)


def _folder(attempt: Attempt) -> str:
    return attempt.path if attempt.folder else parent(attempt.path)


def _why_not(how: How, process: Process) -> str:
    """Why a step that readers expect has tried nothing."""
    if how is How.ENV:
        return "" if process.env.get("LD_LIBRARY_PATH") else "not set"
    if how is How.CACHE and process.loader is not None:
        return "no entry for it" if process.loader.cache else "this loader has none"
    return ""

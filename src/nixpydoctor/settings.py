"""What each setting may hold and what it means: its default, its type, paths, and the rules that a word names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nixpydoctor.target import UsageError

if TYPE_CHECKING:
    from nixpydoctor.gate import Ignore

DEFAULTS: Mapping[str, Any] = {
    "format": ("full",),
    "output": None,
    "fail-on": "error",
    "exit-zero": False,
    "select": (),
    "ignore": (),
    "per-dist-ignores": (),
    "require-reason": False,
    "baseline": None,
    "python": None,
    "no-exec": False,
    "imports": False,
}
"""Every key that a file may have, and what holds where nobody says anything."""

FLAGS = ("exit-zero", "require-reason", "no-exec", "imports")
LISTS = ("format", "select", "ignore")
_PATHS = ("output", "baseline", "python")
_LEVELS = ("error", "warning", "note")


def check(key: str, value: Any, origin: str) -> None:
    """Raises `UsageError`, with what was wanted, for a key that does not exist and for a value that it cannot hold.

    `origin` is who says it: an option, a variable, or the path of a file.
    """
    if key not in DEFAULTS:
        raise UsageError(f"{origin} has a setting {key}, which does not exist{near(key, DEFAULTS)}")
    if key in FLAGS:
        good, wanted = isinstance(value, bool), "true or false"
    elif key == "per-dist-ignores":
        good, wanted = isinstance(value, dict), "a table: a distribution and its rules"
    elif key in LISTS:
        good, wanted = isinstance(value, list | tuple), "a list"
        if key != "ignore":
            good = good and all(isinstance(word, str) for word in value)
    elif key == "fail-on":
        good, wanted = value in _LEVELS, "error, warning or note"
    else:
        good, wanted = isinstance(value, str) and bool(value) and "\0" not in value, "a name"
    if not good:
        where = origin if origin.startswith(("--", "NIXPYDOCTOR_")) else f"In {origin}, {key}"
        raise UsageError(f"{where} must be {wanted}.")


def placed(key: str, value: Any, folder: str) -> Any:
    """Paths are told from the file that holds them."""
    if key == "format":
        return tuple(_format(word, folder) for word in value)
    if key in LISTS:
        return tuple(value)
    if key == "python" and "/" not in value:
        return value
    return os.path.join(folder, value) if key in _PATHS and value != "-" else value


def _format(word: str, folder: str) -> str:
    form, equals, file = word.partition("=")
    return f"{form}={os.path.join(folder, file)}" if equals and file and file != "-" else word


def ignores(key: str, value: Any, origin: str) -> Iterator[Ignore]:
    """What `ignore` or `per-dist-ignores` holds. Raises `UsageError`."""
    if key == "ignore":
        for item in value:
            yield _ignore(item, None, origin)
        return
    for dist, items in value.items():
        if not isinstance(items, list):
            raise UsageError(f"In {origin}, per-dist-ignores.{dist} must be a list of rules.")
        for item in items:
            yield _ignore(item, dist, origin)


def _ignore(item: Any, dist: str | None, origin: str) -> Ignore:
    """A rule's id, family or name; or a table with `rule`, and perhaps `dist`, `detail`, `reason`, `until`."""
    from nixpydoctor.facts import normalize
    from nixpydoctor.gate import Ignore

    table = {"rule": item} if isinstance(item, str) else item
    if not isinstance(table, dict) or not isinstance(table.get("rule"), str):
        raise UsageError(f'In {origin}, an ignore must be a rule, or a table like {{ rule = "NPD101", reason = "…" }}.')
    fields = ("rule", "dist", "detail", "reason", "until")
    for name, value in table.items():
        if name not in fields:
            raise UsageError(f"In {origin}, an ignore has {name}, which does not exist{near(name, fields)}")
        if name != "until" and not isinstance(value, str):
            raise UsageError(f"In {origin}, {name} of an ignore must be a text.")
    word, owner = table["rule"], table.get("dist", dist)
    return Ignore(
        word,
        rules(word, origin),
        normalize(owner) if owner is not None else None,
        table.get("detail", ""),
        table.get("reason", "").strip(),
        _day(table.get("until"), word, origin),
    )


def _day(value: Any, word: str, origin: str) -> Any:
    from datetime import date, datetime

    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UsageError(f"In {origin}, the ignore of {word} must end on a day, as in until = 2030-12-31.") from None


def rules(word: str, origin: str) -> frozenset[str]:
    """The ids that a word stands for: one rule's id or name, or a family such as `NPD1`."""
    from nixpydoctor.rules import RULES

    said = word.upper()
    found = frozenset(
        rule.id for rule in RULES if said == rule.id or word == rule.name or (len(said) == 4 and rule.id[:4] == said)
    )
    if not found:
        known = [name for rule in RULES for name in (rule.id, rule.name)]
        raise UsageError(f"{origin} names the rule {word}, which does not exist{near(word, known)}")
    return found


def near(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about a word that does not exist: what was perhaps meant."""
    from difflib import get_close_matches

    names = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), names, 1)
    return f": did you mean {names[found[0]]}?" if found else "."

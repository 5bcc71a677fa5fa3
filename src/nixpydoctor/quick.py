"""Reads the plainest command lines, `check` with options that are spelled out, without typer: that costs 40 ms.

Everything else is left to `cli`: other commands, help, mistakes, and every spelling that is not certain here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nixpydoctor.checking_console import Asked

_FLAGS: Mapping[str, str] = {
    "--no-exec": "no_exec",
    "--imports": "imports",
    "--exit-zero": "exit_zero",
    "--isolated": "isolated",
    "--quiet": "quiet",
    "-q": "quiet",
}
_COUNTED: Mapping[str, int] = {"-v": 1, "-vv": 2, "--verbose": 1}
_VALUED: Mapping[str, str] = {
    "--python": "python",
    "--baseline": "baseline",
    "--write-baseline": "write_baseline",
    "--config": "config",
    "--output": "output",
    "-o": "output",
    "--facts": "facts",
    "--save-facts": "save_facts",
    "--fail-on": "fail_on",
    "--color": "color",
}
_REPEATED: Mapping[str, str] = {
    "--format": "reports",
    "-f": "reports",
    "--output-format": "reports",
    "--select": "select",
    "--ignore": "ignore",
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "fail_on": ("error", "warning", "note"),
    "color": ("auto", "always", "never"),
}


def read(arguments: Sequence[str]) -> Asked | None:
    """What a command line asks of `check`; None where `cli` shall read it."""
    if not arguments or arguments[0] != "check":
        return None
    given: dict[str, Any] = {}
    ahead = iter(arguments[1:])
    for word in ahead:
        name, equals, value = word.partition("=")
        if word in _FLAGS:
            given[_FLAGS[word]] = True
        elif word in _COUNTED:
            given["verbose"] = given.get("verbose", 0) + _COUNTED[word]
        elif name in _VALUED:
            field = _VALUED[name]
            value = value if equals else next(ahead, "")
            if not value or value.startswith("-") or value not in _CHOICES.get(field, (value,)):
                return None
            given[field] = value
        elif name in _REPEATED:
            field = _REPEATED[name]
            value = value if equals else next(ahead, "")
            if not value or value.startswith("-"):
                return None
            given[field] = (*given.get(field, ()), value)
        elif not word or word.startswith("-") or "target" in given:
            return None
        else:
            given["target"] = word
    return Asked(**given)

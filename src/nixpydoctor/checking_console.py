"""What `check` does with a command line that was understood: examine, report, pass or fail."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nixpydoctor import console
from nixpydoctor.light import dataclass

if TYPE_CHECKING:
    from nixpydoctor.config import Settings
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
    fail_on: str | None = None
    exit_zero: bool = False
    verbose: int = 0
    quiet: bool = False
    color: Color = "auto"
    macos: str | None = None
    target_arch: str | None = None
    output: str | None = None
    """The file of the one report that has none."""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    """Rules' ids, families or names, several in one with commas."""
    baseline: str | None = None
    write_baseline: str | None = None
    config: str | None = None
    isolated: bool = False
    root: str | None = None
    pid: int | None = None

    @property
    def said(self) -> Mapping[str, Any]:
        """The settings that the command line gives, by their names in a settings file."""
        given = {
            "format": self.reports,
            "output": self.output,
            "fail-on": self.fail_on,
            "exit-zero": self.exit_zero,
            "select": _words(self.select),
            "ignore": _words(self.ignore),
            "baseline": self.baseline,
            "python": self.python,
            "no-exec": self.no_exec,
            "imports": self.imports,
        }
        return {key: value for key, value in given.items() if value is not None and value is not False and value != ()}


def _words(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for words in said for word in words.split(",") if word.strip())


def check(asked: Asked) -> int:
    """Examine what is meant, report, and tell the exit code."""
    from nixpydoctor import outputs, workflow
    from nixpydoctor.progress import Progress

    cwd = os.getcwd()
    settings = settled(asked, cwd)
    planned = outputs.planned(settings["format"], settings["output"], cwd)
    wants = settings.ignores or settings.select is not None or settings["baseline"] or asked.write_baseline
    if wants:
        from nixpydoctor import sifting

        known = sifting.accepted(settings["baseline"], asked.write_baseline, cwd)
    wish = workflow.Wish(
        asked.target, _python(asked, settings), not settings["no-exec"], settings["imports"], asked.facts,
        asked.save_facts, asked.root, asked.macos, asked.target_arch,
        pid=asked.pid, python_by=settings.origins.get("python", "--python"),
    )  # fmt: skip
    with Progress(quiet=asked.quiet) as progress:
        diagnosis = workflow.check(wish, os.environ, cwd, progress)
    if wants:
        diagnosis = sifting.sifted(diagnosis, settings, known, asked.write_baseline, cwd)
    outputs.write(planned, diagnosis, asked.verbose, asked.color, quiet=asked.quiet)
    if not asked.quiet:
        outputs.tell_github(planned, diagnosis, os.environ)
    return console.verdict(diagnosis, settings["fail-on"], exit_zero=settings["exit-zero"])


def settled(asked: Asked, cwd: str) -> Settings:
    """What is in force for this command line."""
    from nixpydoctor import config

    target = asked.target if asked.root is None else None  # what lies below a root decides nothing about this run
    settings = config.load(asked.said, os.environ, cwd, target=target, file=asked.config, isolated=asked.isolated)
    for sentence in settings.strangers:
        console.complain(sentence)
    return settings


def _python(asked: Asked, settings: Settings) -> str | None:
    """The Python of the settings, unless the command line means another or none."""
    others = (asked.target, asked.facts, asked.root, asked.pid)
    if asked.python is None and any(other is not None for other in others):
        return None
    python: str | None = settings["python"]
    return python


# ── what is in force ─────────────────────────────────────────────────────────────────────────────────────────────────


def show(asked: Asked) -> int:
    """Print every setting with its value and who says it."""
    from nixpydoctor.report.words import escape
    from nixpydoctor.settings import DEFAULTS

    settings = settled(asked, os.getcwd())
    rows = []
    for key in DEFAULTS:
        value = settings[key]
        origin = settings.origins.get(key, "default")
        rows += [(key, _shown(item), origin) for item in value] if isinstance(value, tuple) and value else []
        rows += [] if isinstance(value, tuple) and value else [(key, _shown(value), origin)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for key, told, origin in rows:
        console.say(f"{key:<{widths[0]}}  {told:<{widths[1]}}  {escape(origin)}\n")
    return 0


def _shown(value: Any) -> str:
    """A value as one would write it, on one line."""
    from nixpydoctor.report.words import escape

    if value is None or value == ():
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return escape(value)
    parts = [value.word]
    parts += [f"of {value.dist}"] if value.dist else []
    parts += [f"for {value.detail}"] if value.detail else []
    parts += [f"until {value.until}"] if value.until else []
    parts += [f"because {value.reason}"] if value.reason else []
    return escape(" ".join(parts))

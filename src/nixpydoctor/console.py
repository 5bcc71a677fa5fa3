"""What commands have in common: printing, complaining, reporting, and turning whatever happens into an exit code.

Nothing here parses a command line: `cli` does (with typer), and `quick` for the plainest `check`.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from nixpydoctor.light import dataclass

if TYPE_CHECKING:
    from nixpydoctor.doctor import Diagnosis
    from nixpydoctor.report.view import Color, View

INTERRUPTED = 130
USAGE = 2
_BROKEN = 4
_NOTHING = 3

_FOR_PLATFORMS = ("sarif", "github", "gitlab", "junit", "markdown")
"""Formats whose module has the format's name."""

_PLEASE = "That is a fault of nixpydoctor: please report it with the file that check --save-facts FILE writes."


@dataclass(frozen=True, slots=True)
class Asked:
    """What `check` was asked on its command line."""

    target: str | None = None
    python: str | None = None
    report: str = "text"
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


def check(asked: Asked) -> int:
    """Examine what is meant, report, and tell the exit code."""
    from nixpydoctor import workflow

    wish = workflow.Wish(
        asked.target, asked.python, not asked.no_exec, asked.imports, asked.facts, asked.save_facts,
        asked.macos, asked.target_arch,
    )  # fmt: skip
    with workflow.Progress(quiet=asked.quiet) as progress:
        diagnosis = workflow.check(wish, os.environ, os.getcwd(), progress)
    return report(diagnosis, asked)


def report(diagnosis: Diagnosis, asked: Asked) -> int:
    """Print what was found in the form that was asked for, and tell the exit code."""
    from nixpydoctor import gate
    from nixpydoctor.findings import Severity

    if not asked.quiet:
        say(rendered(diagnosis, asked))
    own_up(diagnosis)
    return gate.exit_code(diagnosis, Severity[asked.fail_on.upper()], exit_zero=asked.exit_zero)


def own_up(diagnosis: Diagnosis) -> None:
    """Say which rules and remedies failed: that is our fault, not the environment's."""
    for fault in diagnosis.faults:
        from nixpydoctor.report.words import escape

        complain(f"The {fault.where} failed ({escape(fault.error)}). {_PLEASE}")


def rendered(diagnosis: Diagnosis, asked: Asked) -> str:
    """The report in the form that was asked for."""
    if asked.report == "json":
        from nixpydoctor.report import as_json

        return as_json.render(diagnosis)
    if asked.report == "concise":
        from nixpydoctor.report import as_concise

        return as_concise.render(diagnosis)
    if asked.report in _FOR_PLATFORMS:
        form = importlib.import_module(f"nixpydoctor.report.as_{asked.report}")
        text: str = form.render(diagnosis)
        return text
    from nixpydoctor.report import as_text

    return as_text.render(diagnosis, view(asked.color, verbose=asked.verbose, home=diagnosis.facts.home))


def outcome(run: Callable[[], int]) -> int:
    """The exit code of a command's body; every error is one sentence."""
    try:
        return run()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # the last line of defence: whatever it is, it is said in one sentence
        if os.environ.get("NIXPYDOCTOR_TRACEBACK"):
            raise
        return _failed(error)


def _failed(error: Exception) -> int:
    from nixpydoctor.report.words import escape
    from nixpydoctor.target import NothingToExamine, UsageError

    if isinstance(error, NothingToExamine):
        complain(escape(str(error)))
        return _NOTHING
    if isinstance(error, UsageError):
        complain(escape(str(error)))
        return USAGE
    complain(f"The command failed ({type(error).__name__}: {escape(str(error))}). {_PLEASE}")
    return _BROKEN


def view(color: Color, *, verbose: int, home: str | None = None, to_stderr: bool = False) -> View:
    """How much room and colour the reader has."""
    from nixpydoctor.report.view import terminal

    columns = None
    out = sys.stderr if to_stderr else sys.stdout
    if out is not None and out.isatty():
        try:
            columns = os.get_terminal_size(out.fileno()).columns
        except OSError:  # a terminal that does not know its size, such as some CI systems'
            columns = 80
    return terminal(os.environ, columns, color, verbose=verbose, home=home)


def say(text: str, *, to_stderr: bool = False) -> None:
    """Write to stdout. A reader that has gone away is no error: `check | head` keeps its exit code."""
    out = sys.stderr if to_stderr else sys.stdout
    if out is None:
        return
    try:
        try:
            out.write(text)
        except UnicodeEncodeError:
            from nixpydoctor.report.words import plain_signs

            out.write(plain_signs(text).encode("ascii", "backslashreplace").decode("ascii"))
        out.flush()
    except OSError as error:
        # Whatever is still buffered goes nowhere, instead of failing once more when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        if not isinstance(error, BrokenPipeError):
            raise


def complain(sentence: str) -> None:
    """One sentence to stderr, under the tool's name."""
    if sys.stderr is not None:
        sys.stderr.write(f"nixpydoctor: {sentence}\n")
        sys.stderr.flush()

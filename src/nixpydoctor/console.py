"""What commands have in common: printing, complaining, reporting, and turning whatever happens into an exit code.

Nothing here parses a command line: `cli` does (with typer), and `quick` for `check` where it is spelled out.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, TextIO

if TYPE_CHECKING:
    from nixpydoctor.doctor import Diagnosis
    from nixpydoctor.report.view import Color, View

INTERRUPTED = 130
USAGE = 2
_BROKEN = 4
_NOTHING = 3

FORMATS = ("full", "text", "concise", "json", "json-v1", "sarif", "github", "gitlab", "junit", "markdown", "html")
"""What `--format` takes. `full` and `text` are one, and `json` is the newest version of it."""
_FOR_PLATFORMS = ("sarif", "github", "gitlab", "junit", "markdown", "html")
"""Formats whose module has the format's name."""

_PLEASE = "That is a fault of nixpydoctor: please report it with the file that check --save-facts FILE writes."


def report(diagnosis: Diagnosis, form: str, *, verbose: int = 0, color: Color = "auto") -> None:
    """Write the report to stdout; the one for people with commands that work where they read it."""
    (tell if form in ("text", "full") else say)(rendered(diagnosis, form, verbose=verbose, color=color))


def verdict(diagnosis: Diagnosis, fail_on: str = "error", *, exit_zero: bool = False) -> int:
    """Own up to what failed of ours, and tell the exit code."""
    from nixpydoctor import gate
    from nixpydoctor.findings import Severity

    own_up(diagnosis)
    return gate.exit_code(diagnosis, Severity[fail_on.upper()], exit_zero=exit_zero)


def own_up(diagnosis: Diagnosis) -> None:
    """Say which rules and remedies failed: that is our fault, not the environment's."""
    for fault in diagnosis.faults:
        from nixpydoctor.report.words import escape

        complain(f"The {fault.where} failed ({escape(fault.error)}). {_PLEASE}")


def rendered(diagnosis: Diagnosis, form: str, *, verbose: int = 0, color: Color = "auto", to_file: bool = False) -> str:
    """The report in one form; `to_file` where its reader is no terminal."""
    if form in ("json", "json-v1"):
        from nixpydoctor.report import as_json

        return as_json.render(diagnosis)
    if form == "concise":
        from nixpydoctor.report import as_concise

        return as_concise.render(diagnosis)
    if form in _FOR_PLATFORMS:
        module = importlib.import_module(f"nixpydoctor.report.as_{form}")
        text: str = module.render(diagnosis)
        return text
    from nixpydoctor.report import as_text

    if to_file and color == "auto":
        color = "never"
    return as_text.render(diagnosis, view(color, verbose=verbose, home=diagnosis.facts.home, to_file=to_file))


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


def leave(code: int) -> NoReturn:
    """End at once: to take a hundred thousand values apart, as Python does at its end, takes as long as to start it.

    Whoever traces or profiles us learns of the end as usual.
    """
    if sys.gettrace() is not None or sys.getprofile() is not None:
        sys.exit(code)
    for out in (sys.stdout, sys.stderr):
        if out is not None:
            with suppress(OSError, ValueError):  # `say` has told: what is left goes nowhere, as on a closed stream
                out.flush()
    os._exit(code)


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


def view(
    color: Color, *, verbose: int, home: str | None = None, to_stderr: bool = False, to_file: bool = False
) -> View:
    """How much room and colour the reader has."""
    from nixpydoctor.report.view import terminal

    columns = None
    out = sys.stderr if to_stderr else sys.stdout
    if out is not None and out.isatty() and not to_file:
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


def tell(text: str, *, to_stderr: bool = False) -> None:
    """Say something to a person: on a terminal, the commands in it are those that work there."""
    say(_typed(text, sys.stderr if to_stderr else sys.stdout), to_stderr=to_stderr)


def _typed(text: str, out: TextIO | None) -> str:
    if out is None or not out.isatty():
        return text
    from nixpydoctor import calling

    try:
        return calling.spelled(text, calling.command(os.environ, os.getcwd()))
    except OSError:  # the current folder is gone
        return text


def complain(sentence: str) -> None:
    """One sentence to stderr, under the tool's name."""
    if sys.stderr is not None:
        sys.stderr.write(f"nixpydoctor: {_typed(sentence, sys.stderr)}\n")
        sys.stderr.flush()

"""The command line: parses, calls, prints, exits. What takes time to import is imported inside the commands.

Exit codes: 0 passed, 1 findings, 2 usage, 3 nothing examined, 4 our fault, 130 interrupted. The report goes to stdout,
everything else to stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from nixpydoctor import __version__

if TYPE_CHECKING:
    from nixpydoctor.doctor import Diagnosis
    from nixpydoctor.report.view import View

app = typer.Typer(
    name="nixpydoctor",
    help="Tells what is broken in a Python on Nix, why, and which remedy works on this machine.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_INTERRUPTED = 130
_BROKEN = 4
_USAGE = 2
_NOTHING = 3


class Format(StrEnum):
    """`full` is another name for `text`."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    FULL = "full"


class Level(StrEnum):
    """Severities as they are spelled on the command line."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class When(StrEnum):
    """When to use colours."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


FormatOption = Annotated[
    Format, typer.Option("--format", metavar="text|concise|json", help="How to report. full is another name for text.")
]
VerboseOption = Annotated[
    int,
    typer.Option(
        "--verbose", "-v", count=True, show_default=False, help="-v: every finding; -vv: every place searched."
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print no report: the exit code says it.")]
ColorOption = Annotated[
    When, typer.Option("--color", metavar="auto|always|never", help="When to use colour. NO_COLOR beats always.")
]


def _version(asked: bool) -> None:
    if asked:
        _print(f"nixpydoctor {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Tells what is broken in a Python on Nix, why, and which remedy works on this machine."""


@app.command()
def check(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET", show_default=False, help="A venv, a Python or a project folder. Discovered if left out."
        ),
    ] = None,
    python: Annotated[str | None, typer.Option(metavar="PATH", help="The Python to examine, outright.")] = None,
    report: FormatOption = Format.TEXT,
    no_exec: Annotated[bool, typer.Option("--no-exec", help="Start nothing: read files only.")] = False,
    imports: Annotated[
        bool, typer.Option("--imports", help="Also import every module, one process each. Runs their code.")
    ] = False,
    facts: Annotated[str | None, typer.Option(metavar="FILE", help="Replay a saved facts file.")] = None,
    save_facts: Annotated[
        str | None, typer.Option(metavar="FILE", help="Save what was seen: replays elsewhere, goes into a bug report.")
    ] = None,
    fail_on: Annotated[
        Level, typer.Option(metavar="error|warning|note", help="The least severity that makes the exit code 1.")
    ] = Level.ERROR,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit 0 whatever is found.")] = False,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
    color: ColorOption = When.AUTO,
) -> None:
    """Find what is broken, why, and what would help."""

    def run() -> int:
        from nixpydoctor import workflow

        wish = workflow.Wish(target, python, not no_exec, imports, facts, save_facts)
        with workflow.Progress(quiet=quiet) as progress:
            diagnosis = workflow.check(wish, os.environ, os.getcwd(), progress)
        return _report(diagnosis, report, fail_on, color, verbose=verbose, quiet=quiet, exit_zero=exit_zero)

    _guarded(run)


@app.command()
def demo(
    report: FormatOption = Format.TEXT,
    verbose: VerboseOption = 0,
    color: ColorOption = When.AUTO,
) -> None:
    """Show the diagnosis of a recorded broken environment."""

    def run() -> int:
        from nixpydoctor import workflow

        diagnosis = workflow.demo()
        _complain("This is a recorded environment, not this machine.")
        return _report(diagnosis, report, Level.ERROR, color, verbose=verbose, quiet=False, exit_zero=True)

    _guarded(run)


@app.command()
def explain(
    words: Annotated[list[str], typer.Argument(metavar="NAME", help="A rule's id or name, or a remedy's name.")],
    color: ColorOption = When.AUTO,
) -> None:
    """Print the page about a rule or a remedy."""

    def run() -> int:
        from nixpydoctor import explain as catalogue
        from nixpydoctor.report.markdown import show

        wanted = " ".join(words)
        found = catalogue.find(wanted, tuple(catalogue.pages()))
        if isinstance(found, catalogue.Page):
            _print("\n".join(show(found.text, _view(color, verbose=0))) + "\n")
            return 0
        from nixpydoctor.report.words import escape

        near = f" Did you mean {' or '.join(found)}?" if found else ""
        _complain(
            f"No rule or remedy is called {escape(wanted)!r}.{near} This version explains rules and remedies by "
            "name (nixpydoctor rules lists the rules); it does not explain error texts."
        )
        return _USAGE

    _guarded(run)


@app.command()
def rules() -> None:
    """List every rule."""

    def run() -> int:
        from nixpydoctor.rules import RULES

        width = max(len(rule.name) for rule in RULES)
        for rule in sorted(RULES, key=lambda rule: rule.id):
            _print(f"{rule.id}  {rule.severity.name.lower():<7}  {rule.name:<{width}}  {rule.title}\n")
        return 0

    _guarded(run)


def main() -> NoReturn:
    """The entry point: never returns, never shows a traceback that nobody asked for."""
    try:
        app(prog_name="nixpydoctor")
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    sys.exit(0)


# ── plumbing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _report(
    diagnosis: Diagnosis, report: Format, fail_on: Level, color: When, *, verbose: int, quiet: bool, exit_zero: bool
) -> int:
    from nixpydoctor import gate
    from nixpydoctor.findings import Severity

    if not quiet:
        _print(_rendered(diagnosis, report, color, verbose))
    for fault in diagnosis.faults:
        from nixpydoctor.report.words import escape

        _complain(f"The {fault.where} failed ({escape(fault.error)}). {_PLEASE}")
    return gate.exit_code(diagnosis, Severity[fail_on.name], exit_zero=exit_zero)


def _rendered(diagnosis: Diagnosis, report: Format, color: When, verbose: int) -> str:
    if report is Format.JSON:
        from nixpydoctor.report import as_json

        return as_json.render(diagnosis)
    if report is Format.CONCISE:
        from nixpydoctor.report import as_concise

        return as_concise.render(diagnosis)
    from nixpydoctor.report import as_text

    return as_text.render(diagnosis, _view(color, verbose=verbose, home=diagnosis.facts.home))


_PLEASE = "That is a fault of nixpydoctor: please report it with the file that check --save-facts FILE writes."


def _guarded(run: Callable[[], int]) -> NoReturn:
    """Run a command's body and leave with its exit code; every error is one sentence."""
    try:
        code = run()
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except Exception as error:  # the last line of defence: whatever it is, it is said in one sentence
        if os.environ.get("NIXPYDOCTOR_TRACEBACK"):
            raise
        code = _failed(error)
    raise typer.Exit(code)


def _failed(error: Exception) -> int:
    from nixpydoctor.report.words import escape
    from nixpydoctor.target import NothingToExamine, UsageError

    if isinstance(error, NothingToExamine):
        _complain(escape(str(error)))
        return _NOTHING
    if isinstance(error, UsageError):
        _complain(escape(str(error)))
        return _USAGE
    _complain(f"The command failed ({type(error).__name__}: {escape(str(error))}). {_PLEASE}")
    return _BROKEN


def _view(color: When, *, verbose: int, home: str | None = None) -> View:
    from nixpydoctor.report.view import terminal

    columns = None
    if sys.stdout is not None and sys.stdout.isatty():
        try:
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
        except OSError:  # a terminal that does not know its size, such as some CI systems'
            columns = 80
    return terminal(os.environ, columns, color.value, verbose=verbose, home=home)


def _print(text: str) -> None:
    """Write to stdout. A reader that has gone away is no error: `check | head` keeps its exit code."""
    out = sys.stdout
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


def _complain(sentence: str) -> None:
    if sys.stderr is not None:
        typer.echo(f"nixpydoctor: {sentence}", err=True)

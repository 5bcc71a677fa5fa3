"""The command line: parses, calls, prints, exits. What takes time to import is imported inside the commands.

Exit codes: 0 passed, 1 findings, 2 usage, 3 nothing examined, 4 our fault, 130 interrupted. The report goes to stdout,
everything else to stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from nixpydoctor import __version__, checking_console, console
from nixpydoctor.checking_console import Asked
from nixpydoctor.cli_options import (
    Answer,
    AnswerOption,
    BaselineOption,
    ColorOption,
    ConfigOption,
    Format,
    FormatOption,
    Graph,
    IgnoreOption,
    IsolatedOption,
    Level,
    QuietOption,
    ReportsOption,
    RootOption,
    SelectOption,
    VerboseOption,
    When,
)
from nixpydoctor.console import INTERRUPTED, complain, say

app = typer.Typer(
    name="nixpydoctor",
    help="Tells what is broken in a Python on Nix, why, and which remedy works on this machine.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        say(f"nixpydoctor {__version__}\n")
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
            metavar="TARGET",
            show_default=False,
            help="A venv, a Python, a project folder, or a program that embeds Python. Discovered if left out.",
        ),
    ] = None,
    python: Annotated[str | None, typer.Option(metavar="PATH", help="The Python to examine, outright.")] = None,
    report: ReportsOption = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write the report there, not to stdout.")
    ] = None,
    pid: Annotated[
        int | None,
        typer.Option("--pid", metavar="N", show_default=False, help="A running Python or program that embeds one."),
    ] = None,
    no_exec: Annotated[bool, typer.Option("--no-exec", help="Start nothing: read files only.")] = False,
    imports: Annotated[
        bool, typer.Option("--imports", help="Also import every module, one process each. Runs their code.")
    ] = False,
    facts: Annotated[str | None, typer.Option(metavar="FILE", help="Replay a saved facts file.")] = None,
    save_facts: Annotated[
        str | None, typer.Option(metavar="FILE", help="Save what was seen: replays elsewhere, goes into a bug report.")
    ] = None,
    fail_on: Annotated[
        Level | None,
        typer.Option(
            metavar="error|warning|note",
            show_default=False,
            help="The least severity that makes the exit code 1; error if left out.",
        ),
    ] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit 0 whatever is found.")] = False,
    select: SelectOption = None,
    ignore: IgnoreOption = None,
    baseline: BaselineOption = None,
    write_baseline: Annotated[
        str | None, typer.Option(metavar="FILE", help="Accept what is found now, and forget what is gone.")
    ] = None,
    config: ConfigOption = None,
    isolated: IsolatedOption = False,
    root: RootOption = None,
    macos: Annotated[
        str | None, typer.Option(metavar="VERSION", help="The target belongs to a Mac with this macOS, e.g. 15.4.")
    ] = None,
    target_arch: Annotated[
        str | None, typer.Option(metavar="arm64|x86_64", help="What that Mac runs; arm64 if left out.")
    ] = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
    color: ColorOption = When.AUTO,
) -> None:
    """Find what is broken, why, and what would help."""
    asked = Asked(
        target, python, tuple(report or ()), no_exec, imports, facts, save_facts, fail_on, exit_zero, verbose, quiet,
        color.value, macos, target_arch, output, tuple(select or ()), tuple(ignore or ()), baseline, write_baseline,
        config, isolated, root, pid,
    )  # fmt: skip
    _guarded(lambda: checking_console.check(asked))


@app.command()
def fix(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", show_default=False, help="A remedy. All that help are listed if left out."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET", show_default=False, help="As for check. A word that names no remedy is the target."
        ),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Carry it out, then check again. Asks before.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Put back every byte that --apply changed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    library_from: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", show_default=False, help="A folder in which runpath may find missing libraries."),
    ] = None,
    python: Annotated[str | None, typer.Option(metavar="PATH", help="The Python to examine, outright.")] = None,
    report: AnswerOption = Answer.TEXT,
    verbose: VerboseOption = 0,
    color: ColorOption = When.AUTO,
) -> None:
    """List what would help, show one remedy's steps and changes, carry it out, undo it."""

    def run() -> int:
        from nixpydoctor import fixing_console

        words = tuple(word for word in (name, target) if word is not None)
        folders = tuple(library_from or ())
        asked = fixing_console.Asked(words, apply, undo, yes, folders, python, report.value, verbose, color.value)
        return fixing_console.fix(asked)

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
        complain("This is a recorded environment, not this machine.")
        console.report(diagnosis, report.value, verbose=verbose, color=color.value)
        return console.verdict(diagnosis, exit_zero=True)

    _guarded(run)


@app.command()
def explain(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT", show_default=False, help="A rule's id or name, a remedy's name, words, or an error text."
        ),
    ] = None,
    file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Read the error text from a file; - is stdin.")
    ] = None,
    no_look: Annotated[
        bool, typer.Option("--no-look", help="Do not look at this machine: the text alone has to do.")
    ] = False,
    python: Annotated[
        str | None, typer.Option(metavar="PATH", help="The Python that failed, or the program that embeds one.")
    ] = None,
    root: RootOption = None,
    report: AnswerOption = Answer.TEXT,
    color: ColorOption = When.AUTO,
) -> None:
    """Explain an error text, and say which cause is seen here; or print the page about a rule or a remedy."""

    def run() -> int:
        from nixpydoctor import answering

        asked = answering.Asked(tuple(words or ()), file, not no_look, python, report.value, color.value, root)
        return answering.explain(asked)

    _guarded(run)


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def run(
    command: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="What to run, best after --.")],
    no_look: Annotated[
        bool, typer.Option("--no-look", help="Do not look at this machine: what it printed has to do.")
    ] = False,
    color: ColorOption = When.AUTO,
) -> None:
    """Run a command unchanged; if it fails, explain why. The exit status is the command's own."""

    def body() -> int:
        from nixpydoctor import accompanying

        return accompanying.run(tuple(command), look=not no_look, color=color.value)

    _guarded(body)


@app.command("config")
def show_config(
    target: Annotated[
        str | None, typer.Argument(metavar="TARGET", show_default=False, help="Where the search for settings begins.")
    ] = None,
    config: ConfigOption = None,
    isolated: IsolatedOption = False,
) -> None:
    """Show which settings are in force, and where each comes from."""
    _guarded(lambda: checking_console.show(Asked(target=target, config=config, isolated=isolated)))


@app.command()
def tree(
    name: Annotated[str, typer.Argument(metavar="MODULE|OBJECT", help="A module, a distribution, or a file's path.")],
    target: Annotated[
        str | None,
        typer.Argument(metavar="TARGET", show_default=False, help="As for check. Discovered if left out."),
    ] = None,
    python: Annotated[str | None, typer.Option(metavar="PATH", help="The Python to examine, outright.")] = None,
    facts: Annotated[str | None, typer.Option(metavar="FILE", help="Replay a saved facts file.")] = None,
    root: RootOption = None,
    graph: Annotated[
        Graph, typer.Option("--format", "-f", metavar="text|dot|mermaid", help="How to show it.")
    ] = Graph.TEXT,
    verbose: VerboseOption = 0,
    color: ColorOption = When.AUTO,
) -> None:
    """Show what an import loads: who needs whom, found where, and what is missing."""

    def body() -> int:
        from nixpydoctor import tree_console

        asked = tree_console.Asked(name, target, python, facts, graph.value, verbose, color.value, root)
        return tree_console.tree(asked)

    _guarded(body)


@app.command()
def rules() -> None:
    """List every rule."""

    def run() -> int:
        from nixpydoctor.rules import RULES

        width = max(len(rule.name) for rule in RULES)
        for rule in sorted(RULES, key=lambda rule: rule.id):
            say(f"{rule.id}  {rule.severity.name.lower():<7}  {rule.name:<{width}}  {rule.title}\n")
        return 0

    _guarded(run)


def main() -> NoReturn:
    """The entry point: never returns, never shows a traceback that nobody asked for."""
    try:
        app(prog_name="nixpydoctor")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(0)


def _guarded(run: Callable[[], int]) -> NoReturn:
    """Run a command's body and leave with its exit code."""
    raise typer.Exit(console.outcome(run))

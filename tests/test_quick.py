"""What `quick` reads it reads as typer does; what it does not read is left to typer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixpydoctor import checking_console, cli, console, quick
from nixpydoctor.checking_console import Asked

WORDS = (
    "check", "demo", "rules", "explain", ".venv", "/usr/bin/python3", "-", "", "--", "--format", "--format=json",
    "--format=", "json", "text", "JSON", "yaml", "--color", "--color=never", "always", "--fail-on", "--fail-on=note",
    "note", "--facts", "--facts=a.json", "--save-facts", "b.json", "--python", "--python=python3", "--no-exec",
    "--imports", "--exit-zero", "--quiet", "-q", "-v", "-vv", "-vq", "-vvv", "--verbose", "--help", "-h", "--no-such",
    "--form", "--no-exec=1", "-f", "sarif=out.sarif", "-o", "out", "--output-format=full", "--output=x", "-fjson",
    "--select", "--select=NPD1", "--ignore", "--ignore=x", "--baseline", "--write-baseline=b", "--config", "--isolated",
)  # fmt: skip


class Told(Exception):  # noqa: N818 - how a call is caught, not an error
    """What typer's `check` would have done."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self.asked = asked


def by_typer(arguments: list[str]) -> Asked | None:
    """What typer makes of a command line; None for help, mistakes and other commands."""

    def tell(asked: Asked) -> int:
        raise Told(asked)

    def caught(run: object) -> int:
        return run() if callable(run) else 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking_console, "check", tell)
        patch.setattr(console, "outcome", caught)
        try:
            cli.app(arguments, standalone_mode=False)
        except Told as told:
            return told.asked
        except Exception:
            return None
    return None


@given(st.lists(st.sampled_from(WORDS), max_size=5))
def test_what_is_read_here_is_read_as_typer_reads_it(words: list[str]) -> None:
    arguments = ["check", *words]
    asked = quick.read(arguments)
    if asked is not None:
        assert asked == by_typer(arguments)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("check", Asked()),
        ("check .venv", Asked(target=".venv")),
        ("check .venv --format json -q", Asked(target=".venv", reports=("json",), quiet=True)),
        ("check --format=concise -vv -v", Asked(reports=("concise",), verbose=3)),
        ("check --no-exec --exit-zero --imports", Asked(no_exec=True, exit_zero=True, imports=True)),
        ("check --python p --facts f --save-facts s", Asked(python="p", facts="f", save_facts="s")),
        ("check -f full -f sarif=a=b -o x", Asked(reports=("full", "sarif=a=b"), output="x")),
        ("check --select NPD1 --ignore=a,b --ignore c", Asked(select=("NPD1",), ignore=("a,b", "c"))),
        ("check --baseline a --write-baseline=b", Asked(baseline="a", write_baseline="b")),
        ("check --config c", Asked(config="c")),
        ("check --isolated", Asked(isolated=True)),
        ("check --fail-on note --color never", Asked(fail_on="note", color="never")),
    ],
)
def test_the_options_of_check_are_known(line: str, asked: Asked) -> None:
    assert quick.read(line.split()) == asked == by_typer(line.split())


@pytest.mark.parametrize(
    "line", ["", "--version", "demo", "check --help", "check a b", "check -vq", "check --format", "check -fjson"]
)
def test_everything_else_is_left_to_typer(line: str) -> None:
    assert quick.read(line.split()) is None

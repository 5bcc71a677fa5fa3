"""Decides where each report goes, writes it there, and tells GitHub Actions what it shows by itself.

Stdout has at most one report and nothing else. Workflow commands go to stderr: the runner reads both.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nixpydoctor.console import FORMATS, complain, rendered, report, say
from nixpydoctor.light import dataclass
from nixpydoctor.target import UsageError

if TYPE_CHECKING:
    from nixpydoctor.doctor import Diagnosis
    from nixpydoctor.report.view import Color

_SUMMARY = 1024 * 1024
"""Bytes of a step summary: GitHub shows nothing of a longer one."""


@dataclass(frozen=True, slots=True)
class Output:
    """One report: its format and where it goes."""

    form: str
    file: str | None = None
    """None: stdout."""


def planned(said: Sequence[str], file: str | None, cwd: str) -> tuple[Output, ...]:
    """The outputs for `FORMAT` and `FORMAT=FILE` words, and for the one file of `--output`.

    Raises `UsageError` for an unknown format, for a format or a file that is named twice, for two reports on stdout,
    and for a file that cannot be made: before anything is examined.
    """
    outputs = [_output(word) for word in said or ("text",)]
    if file is not None:
        homeless = [output for output in outputs if output.file is None]
        if len(homeless) != 1:
            told = "every format has a file of its own" if not homeless else "only one format can go there"
            raise UsageError(f"--output {file} is not clear: {told}; give each its file, as in -f sarif=report.sarif.")
        outputs = [Output(output.form, file) if output is homeless[0] else output for output in outputs]
    outputs = [Output(output.form, _path(output.file, cwd)) for output in outputs]
    for number, output in enumerate(outputs):
        for other in outputs[:number]:
            _apart(output, other)
    return tuple(outputs)


def _output(word: str) -> Output:
    form, equals, file = word.partition("=")
    if form not in FORMATS:
        raise UsageError(f"There is no format {form}: {_near(form)}.")
    if equals and not file:
        raise UsageError(f"--format {word} names no file: write {form}=FILE, or {form} alone for stdout.")
    return Output("text" if form == "full" else "json" if form == "json-v1" else form, file or None)


def _near(form: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(form.lower(), FORMATS, 1)
    return f"did you mean {near[0]}?" if near else f"take one of {', '.join(FORMATS)}"


def _path(file: str | None, cwd: str) -> str | None:
    """`file` made absolute, a folder that can take it checked; `-` is stdout."""
    if file is None or file == "-":
        return None
    path = os.path.join(cwd, file)
    if not file or "\0" in file or os.path.isdir(path):
        raise UsageError(f"The report cannot be written to {file}: name a file.")
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise UsageError(f"The report cannot be written to {file}: there is no folder {folder}.")
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise UsageError(f"The report cannot be written to {file}: permission denied.")
    return path


def _apart(one: Output, other: Output) -> None:
    if one.form == other.form:
        raise UsageError(f"The format {'full' if one.form == 'text' else one.form} is named twice: once is enough.")
    if one.file is None and other.file is None:
        raise UsageError(
            f"{other.form} and {one.form} cannot both go to stdout: give one a file, as in -f {one.form}=FILE."
        )
    if one.file is not None and other.file is not None and os.path.realpath(one.file) == os.path.realpath(other.file):
        raise UsageError(f"{other.form} and {one.form} cannot both go to {one.file}: give each a file.")


def write(outputs: Sequence[Output], diagnosis: Diagnosis, verbose: int, color: Color, *, quiet: bool) -> None:
    """Write each report; files first, so that a reader of stdout who goes away costs none of them."""
    for output in sorted(outputs, key=lambda output: output.file is None):
        if output.file is None:
            if not quiet:
                report(diagnosis, output.form, verbose=verbose, color=color)
            continue
        text = rendered(diagnosis, output.form, verbose=verbose, color=color, to_file=True)
        try:
            with open(output.file, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
                file.write(text)
        except OSError as error:
            raise UsageError(f"The report cannot be written to {output.file}: {error.strerror}.") from error


def tell_github(outputs: Sequence[Output], diagnosis: Diagnosis, environ: Mapping[str, str]) -> None:
    """Under GitHub Actions: annotations unless they were asked for anyway, and the report in the step's summary."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return
    from nixpydoctor.report import as_github, as_markdown

    if all(output.form != "github" for output in outputs) and sys.stderr is not None:
        say(as_github.render(diagnosis), to_stderr=True)
    summary = environ.get("GITHUB_STEP_SUMMARY")
    if not summary:
        return
    try:
        with open(summary, "ab") as file:
            text = as_markdown.render(diagnosis).encode("utf-8", "replace")
            if file.tell() + len(text) < _SUMMARY:
                file.write(b"\n" + text)
    except OSError as error:
        complain(f"The step summary {summary} cannot be written: {error.strerror}.")

"""What commands have in common on their command line: the words that an option takes, and its help."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """`full` is another name for `text`."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    JSON_V1 = "json-v1"
    FULL = "full"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    HTML = "html"


class Answer(StrEnum):
    """How an answer is given that is not a report. `full` is another name for `text`."""

    TEXT = "text"
    FULL = "full"
    JSON = "json"


class Graph(StrEnum):
    """How a link graph is shown."""

    TEXT = "text"
    DOT = "dot"
    MERMAID = "mermaid"


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
    Format,
    typer.Option(
        "--format",
        "-f",
        "--output-format",
        metavar="text|concise|json|sarif|github|gitlab|junit|markdown|html",
        help="How to report. full is another name for text.",
    ),
]
ReportsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        "-f",
        "--output-format",
        metavar="FORMAT[=FILE]",
        show_default=False,
        help="How to report: full, concise, json, sarif, github, gitlab, junit, markdown or html. May be given more "
        "than once, each but one with a file.",
    ),
]
SelectOption = Annotated[
    list[str] | None,
    typer.Option(metavar="RULES", show_default=False, help="Only these rules: ids, families (NPD1) or names."),
]
IgnoreOption = Annotated[
    list[str] | None,
    typer.Option(metavar="RULES", show_default=False, help="Not these rules, nor those of the settings."),
]
BaselineOption = Annotated[
    str | None, typer.Option(metavar="FILE", help="Findings in this file are accepted: only new ones count.")
]
RootOption = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help="The target lies in the file system below DIR: an image, a mounted disk, a copy. Starts nothing of it.",
    ),
]
ConfigOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Read settings from there, not from nixpydoctor.toml or pyproject.toml."),
]
IsolatedOption = Annotated[bool, typer.Option("--isolated", help="Read no settings and no NIXPYDOCTOR_* variables.")]
AnswerOption = Annotated[
    Answer, typer.Option("--format", "-f", "--output-format", metavar="text|json", help="How to answer.")
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

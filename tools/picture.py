"""Draws what `nixpydoctor demo` prints as SVG, for the README: rich knows how a terminal looks.

`make pictures` writes `docs/images/demo.svg`; `-` as an argument prints it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from nixpydoctor import workflow
from nixpydoctor.report import as_text
from nixpydoctor.report.view import View

TARGET = Path(__file__).resolve().parent.parent / "docs" / "images" / "demo.svg"
COLUMNS = 100


def picture() -> str:
    """The SVG. The fonts that rich would fetch from elsewhere are left out: the reader's own will do."""
    diagnosis = workflow.demo()
    said = as_text.render(diagnosis, View(width=COLUMNS, wrap=True, color=True, home=diagnosis.facts.home))
    with Path("/dev/null").open("w") as nowhere:
        console = Console(record=True, width=COLUMNS + 2, file=nowhere, force_terminal=True, color_system="standard")
        console.print(Text.from_ansi(said.rstrip("\n")), soft_wrap=True)
    drawn = console.export_svg(title="nixpydoctor demo")
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)


if __name__ == "__main__":
    if sys.argv[1:] == ["-"]:
        sys.stdout.write(picture())
    else:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(picture())

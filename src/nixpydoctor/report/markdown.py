"""Shows the little Markdown that pages and instructions are written in: headings, paragraphs, lists, fenced code.

Code blocks come out exactly as they are, indented: they are meant to be copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixpydoctor.report.view import View
from nixpydoctor.report.words import escape_lines, wrapped

_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_ITEM = re.compile(r"\s*(?:[-*]|\d+\.) ")


def show(text: str, view: View, indent: str = "", *, tight: bool = False) -> list[str]:
    """The lines of a Markdown text for this reader; `tight` ones without empty lines between the parts."""
    lines: list[str] = []
    before = ""
    for kind, block in blocks(escape_lines(text)):
        if lines and not tight and not kind == before == "item":
            lines.append("")
        before = kind
        if kind == "code":
            lines += [view.paint(f"{indent}  {line}", "code") if line else "" for line in block]
        elif kind == "table":
            lines += [f"{indent}{line}" for line in block]
        elif kind == "heading":
            lines.append(indent + view.paint(block[0].lstrip("#").strip(), "strong"))
        else:
            hang = indent + ("  " if kind == "item" else "")
            lines += [_inline(line, view) for line in wrapped(_words(" ".join(block), view), view.width, indent, hang)]
    return lines


def blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """`("code", lines)`, `("heading", [line])`, `("item", lines)`, `("table", lines)` or `("text", lines)`."""
    kind, block = "text", list[str]()
    fenced = False
    for line in lines:
        if fenced:
            if line.lstrip().startswith("```"):
                yield "code", block
                kind, block, fenced = "text", [], False
            else:
                block.append(line)
            continue
        starts = _kind(line)
        if starts in ("fence", "blank", "heading", "item") or (starts == "table") != (kind == "table"):
            if block:
                yield kind, block
            kind, block = "text", []
        if starts == "fence":
            fenced = True
        elif starts == "heading":
            yield "heading", [line]
        elif starts != "blank":
            kind = starts if not block else kind
            block.append(line.rstrip() if starts == "table" else line.strip())
    if block:
        yield ("code" if fenced else kind), block


def _kind(line: str) -> str:
    if line.lstrip().startswith("```"):
        return "fence"
    if not line.strip():
        return "blank"
    if line.startswith("#"):
        return "heading"
    if line.startswith("|"):
        return "table"
    return "item" if _ITEM.match(line) else "text"


def _words(text: str, view: View) -> list[str]:
    """The words of a paragraph, inline code kept whole and links written out."""
    if not view.color:
        text = _BOLD.sub(r"\1", text)
    text = _LINK.sub(_link, text)
    text = _CODE.sub(lambda code: "`" + code[1].replace(" ", "\0") + "`", text)
    return [word.replace("\0", " ") for word in text.split()]


def _link(link: re.Match[str]) -> str:
    """The words of a link, and where it leads if that is somewhere outside: other pages are found by their names."""
    outside = "://" in link[2] and link[1] != link[2]
    return f"{link[1]} ({link[2]})" if outside else link[1]


def _inline(line: str, view: View) -> str:
    if not view.color:
        return line
    line = _BOLD.sub(lambda bold: view.paint(bold[1], "strong"), line)
    return _CODE.sub(lambda code: view.paint(code[1], "code"), line)

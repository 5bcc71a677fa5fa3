"""The link graph of an import: a tree for a terminal, and the languages of Graphviz and Mermaid for other tools."""

from __future__ import annotations

from nixpydoctor.facts import FsPath
from nixpydoctor.report.links import Links, name, where
from nixpydoctor.report.view import View
from nixpydoctor.report.words import count, escape


def text(graph: Links, view: View) -> str:
    """One line for each link, indented; what was shown before is not shown again."""
    why = dict(graph.roots)
    lines: list[str] = []
    for depth, link, path, again in graph.rows():
        if link is None:
            shown = view.short(path or "")
            reason = why.get(path or FsPath(""), "")
            lines.append(
                view.paint(shown, "strong") + (view.paint(f"  {view.short(reason)}", "error") if reason else "")
            )
            continue
        indent = "    " * (depth - 1) + "  "
        if path is None:
            places = f", {count(link.places, 'place')} searched" if link.places else ""
            lines.append(indent + view.paint(f"✗ {view.short(link.needed)}  {link.how}{places}", "error"))
        else:
            more = " (see above)" if again else ""
            lines.append(f"{indent}{view.short(link.needed)}  {view.paint(view.short(where(link)), 'dim')}{more}")
    missing = graph.missing
    lines += ["", f"{count(len(graph.links), 'link')}, {len(missing)} missing{': ' if missing else ''}"
              + ", ".join(view.short(one) for one in missing)]  # fmt: skip
    return "\n".join(lines) + "\n"


def dot(graph: Links) -> str:
    """For Graphviz: paths stand in full as tooltips."""
    ids = _ids(graph)
    lines = ["digraph links {", "  rankdir=LR;", '  node [shape=box, fontname="monospace"];']
    for key, number in ids.items():
        missing = key.startswith("?")
        style = ", color=red, fontcolor=red, style=dashed" if missing else ""
        label = key[1:] if missing else name(FsPath(key))
        lines.append(f"  n{number} [label={_quoted(label)}, tooltip={_quoted(key.lstrip('?'))}{style}];")
    for link in graph.links:
        end = ids[link.target if link.target is not None else f"?{link.needed}"]
        lines.append(f"  n{ids[link.source]} -> n{end} [label={_quoted(link.how)}];")
    return "\n".join([*lines, "}"]) + "\n"


def mermaid(graph: Links) -> str:
    """For Mermaid: what GitHub and GitLab draw in a Markdown file."""
    ids = _ids(graph)
    lines = ["flowchart LR"]
    for key, number in ids.items():
        label = key[1:] if key.startswith("?") else name(FsPath(key))
        lines.append(f'  n{number}["{_entity(label)}"]' + (":::missing" if key.startswith("?") else ""))
    for link in graph.links:
        end = ids[link.target if link.target is not None else f"?{link.needed}"]
        said = f'|"{_entity(link.how)}"|' if link.how else ""
        lines.append(f"  n{ids[link.source]} -->{said} n{end}")
    return "\n".join([*lines, "  classDef missing stroke:#c00,color:#c00,stroke-dasharray:4"]) + "\n"


def _ids(graph: Links) -> dict[str, int]:
    """Every object by its path, every missing name behind a question mark, numbered."""
    ids: dict[str, int] = {}
    for path, _ in graph.roots:
        ids.setdefault(path, len(ids))
    for link in graph.links:
        for key in (link.source, link.target if link.target is not None else f"?{link.needed}"):
            ids.setdefault(key, len(ids))
    return ids


def _quoted(label: str) -> str:
    escaped = escape(label).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _entity(label: str) -> str:
    """Mermaid has no escapes but entities."""
    return "".join(char if char.isalnum() or char in " ._-+/" else f"#{ord(char)};" for char in escape(label))

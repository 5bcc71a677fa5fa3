"""Draws the link graph of an import as SVG: a column for each step away from the module, arrows to what it needs."""

from __future__ import annotations

from html import escape as entities

from nixpydoctor.facts import FsPath
from nixpydoctor.light import dataclass
from nixpydoctor.report.links import Link, Links, name, where
from nixpydoctor.report.words import short

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 250, 46, 60, 12
_LETTERS = 32
"""What fits into a box."""
MOST = 40
"""Boxes of a picture: beyond that it shows what leads to something missing, and of the rest what there is room for."""


_LINKS = 60
"""Arrows of a picture: beyond that, one to each box and all to what is missing."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph as far as it can be looked at."""

    svg: str
    objects: int
    """How many objects are left out."""
    links: int
    """How many arrows between the boxes are left out."""


@dataclass(frozen=True, slots=True)
class Box:
    """An object, or a name that leads to none."""

    key: str
    title: str
    says: str
    missing: bool
    column: int


def draw(graph: Links, home: str | None) -> Picture:
    """The picture, everything in it escaped; it takes its colours from the classes of the page that holds it."""
    leading = _leading(graph)
    kept = _kept(graph, leading)
    shown = _thinned(kept)
    boxes = _boxes(graph, kept, home)
    everything = {path for path, _ in graph.roots} | {_key(link) for link in graph.links}
    left_out = len(everything) - len(boxes), len(kept) - len(shown)
    if not boxes:
        return Picture("", *left_out)
    # What leads to something missing stands on top of its column.
    boxes = dict(sorted(boxes.items(), key=lambda item: item[0] not in leading))
    rows: dict[int, int] = {}
    spots: dict[str, tuple[int, int]] = {}
    for box in boxes.values():
        row = rows.get(box.column, 0)
        rows[box.column] = row + 1
        spots[box.key] = (box.column * (_WIDTH + _GAP_X) + 2, row * (_HEIGHT + _GAP_Y) + 2)
    width = (max(rows) + 1) * (_WIDTH + _GAP_X) - _GAP_X + 4
    height = max(rows.values()) * (_HEIGHT + _GAP_Y) - _GAP_Y + 4
    lost = f": {', '.join(graph.missing)}" if graph.missing else ""
    label = entities(short(f"{len(boxes)} objects, {len(graph.missing)} of them missing{lost}", None))
    out = [
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{label}">',
        ("<defs>" + _tip("tip") + _tip("tip bad") + "</defs>"),
    ]
    out += [_arrow(link, spots) for link in shown]
    out += [_drawn(box, *spots[box.key]) for box in boxes.values()]
    return Picture("\n".join([*out, "</svg>"]), *left_out)


def _key(link: Link) -> str:
    return link.target if link.target is not None else f"?{link.needed}"


def _leading(graph: Links) -> set[str]:
    """What is missing, and what needs it in any number of steps."""
    wanted: set[str] = set()
    for link in reversed(graph.links):
        if link.target is None or link.target in wanted:
            wanted |= {_key(link), link.source}
    return wanted


def _thinned(kept: list[Link]) -> list[Link]:
    """All of them where an eye can follow them."""
    if len(kept) <= _LINKS:
        return kept
    reached: set[str] = set()
    shown = []
    for link in kept:
        key = _key(link)
        if link.target is None or key not in reached:
            shown.append(link)
        reached.add(key)
    return shown


def _kept(graph: Links, wanted: set[str]) -> list[Link]:
    """Links that lead to something missing first, then the others, until there are boxes enough."""
    chosen: set[str] = {path for path, _ in graph.roots}
    ends = [*(link for link in graph.links if _key(link) in wanted), *graph.links]
    for link in ends:
        if link.source in chosen and (len(chosen) < MOST or _key(link) in chosen):
            chosen.add(_key(link))
    return [link for link in graph.links if link.source in chosen and _key(link) in chosen]


def _boxes(graph: Links, kept: list[Link], home: str | None) -> dict[str, Box]:
    columns: dict[str, int] = {path: 0 for path, _ in graph.roots}
    found: dict[str, Box] = {}
    for path, why in graph.roots:
        found[path] = Box(path, name(path), why or "is opened", bool(why), 0)
    waiting = [path for path, _ in graph.roots]
    while waiting:
        source = waiting.pop(0)
        for link in kept:
            key = _key(link)
            if link.source != source or key in columns:
                continue
            columns[key] = columns[source] + 1
            title = link.needed if link.target is None else name(FsPath(link.target))
            found[key] = Box(key, title, short(where(link), home), link.target is None, columns[key])
            waiting.append(FsPath(key))
    return found


def _arrow(link: Link, spots: dict[str, tuple[int, int]]) -> str:
    (x1, y1), (x2, y2) = spots[link.source], spots[_key(link)]
    y1, y2 = y1 + _HEIGHT // 2, y2 + _HEIGHT // 2
    kind = "link bad" if link.target is None else "link" if x2 > x1 else "link back"
    if x2 > x1:
        start, bend = x1 + _WIDTH, _GAP_X // 2
        path = f"M{start} {y1}C{start + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    else:  # back, or within a column: around the right side
        start, end = x1 + _WIDTH, x2 + _WIDTH
        path = f"M{start} {y1}C{start + 40} {y1} {end + 40} {y2} {end} {y2}"
    return f'<path class="{kind}" d="{path}" marker-end="url(#{"tip-bad" if link.target is None else "tip"})"/>'


def _tip(kind: str) -> str:
    """The head of an arrow, in its colour."""
    name = kind.replace(" ", "-")
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" class="{kind}"/></marker>'
    )


def _drawn(box: Box, x: int, y: int) -> str:
    kind = "box bad" if box.missing else "box"
    full = entities(short(f"{box.key.lstrip('?')}\u2003{box.says}", None))
    return (
        f'<g class="{kind}"><title>{full}</title><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="5"/>'
        f'<text x="{x + 10}" y="{y + 19}">{_fit(("✗ " if box.missing else "") + box.title)}</text>'
        f'<text class="dim" x="{x + 10}" y="{y + 36}">{_fit(box.says)}</text></g>'
    )


def _fit(said: str) -> str:
    """What fits into a box; of a path behind a colon the end stays, since that is the part that tells."""
    said = short(said, None)
    if len(said) > _LETTERS:
        how, colon, path = said.partition(": ")
        room = _LETTERS - len(how) - 3
        said = f"{how}: …{path[-room:]}" if colon and room > 0 else f"{said[: _LETTERS - 1]}…"
    return entities(said)

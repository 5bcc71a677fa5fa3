"""Who needs whom when something is opened: the loader's searches as a graph, for a terminal, a picture or a tool."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from nixpydoctor.facts import Facts, FsPath, leaf, parent
from nixpydoctor.light import dataclass
from nixpydoctor.loader import Closures
from nixpydoctor.loader.trace import Resolution, Verdict

if TYPE_CHECKING:
    from nixpydoctor.loader.images import Images


@dataclass(frozen=True, slots=True)
class Link:
    """One needed name of one object, and where its search led."""

    needed: str
    source: FsPath
    """The object that needs it."""
    target: FsPath | None
    """What was found; None where nothing was."""
    how: str
    """The step that found it; what ended the search otherwise."""
    places: int
    """How many places were looked at in vain."""


@dataclass(frozen=True, slots=True)
class Links:
    """The graph of some openings: roots, and every link once, in the loader's order."""

    roots: tuple[tuple[FsPath, str], ...]
    """Each opened object, and why it cannot be used itself (empty where it can)."""
    links: tuple[Link, ...]

    def of(self, path: FsPath) -> tuple[Link, ...]:
        """What an object needs."""
        return tuple(link for link in self.links if link.source == path)

    @property
    def missing(self) -> tuple[str, ...]:
        """Each name that leads to nothing, once."""
        return tuple(dict.fromkeys(link.needed for link in self.links if link.target is None))

    def rows(self) -> Iterator[tuple[int, Link | None, FsPath | None, bool]]:
        """Depth-first `(depth, link, object, whether its own needs were shown before)`; a root has no link."""
        by_source: dict[FsPath, list[Link]] = {}
        for each in self.links:
            by_source.setdefault(each.source, []).append(each)
        shown: set[FsPath] = set()
        stack: list[tuple[int, Link | None, FsPath | None]] = [(0, None, path) for path, _ in reversed(self.roots)]
        while stack:
            depth, link, path = stack.pop()
            again = path is not None and path in shown
            yield depth, link, path, again and bool(by_source.get(path or FsPath("")))
            if path is not None and not again:
                shown.add(path)
                stack += [(depth + 1, one, one.target) for one in reversed(by_source.get(path, ()))]


def links(facts: Facts, paths: Iterable[FsPath]) -> Links:
    """Opens each object in the process of these facts, as `import` does. Raises `NotRecorded` on a replay."""
    process = facts.main.process
    closures: Closures | Images
    if process.loader is not None and process.loader.family == "dyld":
        from nixpydoctor.loader.images import Images  # only for a Python of macOS

        closures = Images(process, facts.disk)
    else:
        closures = Closures(process, facts.disk)
    roots: list[tuple[FsPath, str]] = []
    found: dict[tuple[str, FsPath], Link] = {}
    for path in paths:
        opened = closures.trace(path)
        roots.append((path, opened.failure.reason if opened.failure is not None else ""))
        for step in opened.resolutions:
            found.setdefault((step.needed, step.requester), _link(step))
    return Links(tuple(roots), tuple(found.values()))


def _link(step: Resolution) -> Link:
    tried = [attempt for attempt in step.attempts if attempt.verdict is not Verdict.FOUND]
    if step.found is not None:
        last = next((attempt for attempt in reversed(step.attempts) if attempt.verdict is Verdict.FOUND), None)
        return Link(step.needed, step.requester, step.found.path, last.how.value if last else "", len(tried))
    why = step.invalid.reason if step.invalid is not None else "not found"
    return Link(step.needed, step.requester, None, why, len(tried))


def where(link: Link) -> str:
    """`RUNPATH: /folder`, the folder in which a link's object was found; `not found` where none was."""
    if link.target is None:
        return link.how
    folder = posixpath.normpath(parent(link.target))  # what `$ORIGIN/../x` became, as one reads it
    return f"{link.how}: {folder}" if link.how else folder


def name(path: FsPath) -> str:
    """How an object is called in a graph."""
    return leaf(path)

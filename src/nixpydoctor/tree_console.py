"""What `tree` prints: the link graph of a module or an object, as the examined process would open it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nixpydoctor import console, workflow
from nixpydoctor.facts import Facts, FsPath, leaf
from nixpydoctor.light import dataclass
from nixpydoctor.progress import Progress
from nixpydoctor.recording import NotRecorded
from nixpydoctor.report import as_tree
from nixpydoctor.report.links import Links, links
from nixpydoctor.report.words import count
from nixpydoctor.target import UsageError

if TYPE_CHECKING:
    from nixpydoctor.report.view import Color

_SHOWN = 5
"""Extensions of one module that are shown without `-v`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What `tree` was asked on its command line."""

    name: str
    target: str | None = None
    python: str | None = None
    facts: str | None = None
    form: str = "text"
    verbose: int = 0
    color: Color = "auto"
    root: str | None = None


def tree(asked: Asked) -> int:
    """Print the graph; 1 where something in it is missing. Raises `UsageError` where the name means nothing here."""
    wish = workflow.Wish(asked.target, asked.python, facts_file=asked.facts, root=asked.root)
    with Progress(quiet=False) as progress:
        facts = workflow.seen(wish, os.environ, os.getcwd(), progress)
    paths = meant(asked.name, facts, "/" if asked.root is not None else os.getcwd())
    graph, left = _chosen(facts, paths, len(paths) if asked.verbose else _SHOWN)
    if asked.form == "dot":
        console.say(as_tree.dot(graph))
    elif asked.form == "mermaid":
        console.say(as_tree.mermaid(graph))
    else:
        console.say(as_tree.text(graph, console.view(asked.color, verbose=asked.verbose, home=facts.home)))
    if left:
        console.complain(f"{count(left, 'more extension')} of {asked.name}: -v shows all.")
    return 1 if graph.missing or any(why for _, why in graph.roots) else 0


def _chosen(facts: Facts, paths: list[FsPath], most: int) -> tuple[Links, int]:
    """The graph of so many objects, those that do not load before the others, and how many are left out."""
    try:
        if len(paths) > most:
            bad = {path for path in paths if (one := links(facts, [path])).missing or one.roots[0][1]}
            paths = sorted(paths, key=lambda path: path not in bad)
        return links(facts, paths[:most]), max(0, len(paths) - most)
    except NotRecorded as lack:
        raise UsageError(
            f"The facts file does not hold {lack}: save one with the same version of nixpydoctor."
        ) from None


def meant(name: str, facts: Facts, cwd: str) -> list[FsPath]:
    """The objects that a path, a module's or a distribution's name stands for. Raises `UsageError` for none."""
    if "/" in name:
        path = FsPath(os.path.normpath(os.path.join(cwd, name)))
        if facts.disk.objects(path) is None:
            raise UsageError(f"{name} is no object that is there: name a module, or the path of a shared library.")
        return [path]
    named = {path: _module(path, dist.location) for dist in facts.main.dists for path in dist.extensions}
    for chosen in (
        [path for path, module in named.items() if module == name],
        [path for path, module in named.items() if module.startswith(f"{name}.")],
        [path for dist in facts.main.dists if dist.name.lower() == name.lower() for path in dist.extensions],
    ):
        if chosen:
            return chosen
    tops = {top for dist in facts.main.dists for top in dist.top_level}
    if name in tops or name.partition(".")[0] in tops:
        raise UsageError(f"{name} has no extension module of its own: nothing is loaded for it but what it imports.")
    raise UsageError(f"{name} is no module that this Python has: nixpydoctor explain says what is known about a name.")


def _module(path: FsPath, location: str) -> str:
    """The dotted name of an extension below its folder."""
    below = path.removeprefix(f"{location}/")
    folders, _, file = below.rpartition("/")
    stem = leaf(file).partition(".")[0]
    return f"{folders.replace('/', '.')}.{stem}" if folders else stem

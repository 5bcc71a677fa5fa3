"""Two worlds side by side: what the Python inside of a program has, and what the shell's has."""

from __future__ import annotations

from nixpydoctor.facts import PathEntry, World
from nixpydoctor.report.view import View
from nixpydoctor.report.words import count
from nixpydoctor.worlds import Pick, Worlds

_NAMES = 4
"""Names shown where nobody asked for more."""


def lines(worlds: Worlds, view: View) -> list[str]:
    """Nothing where both take everything from the same places."""
    if not (worlds.only_inside or worlds.only_shell or worlds.picks or worlds.reordered):
        return view.sentence("beside", f"{_command(worlds.shell)}, this shell's Python, which sees the same")
    out = [view.paint("Two worlds: the Python inside of the program, and this shell's", "strong")]
    for label, world in (("inside", worlds.inside), ("shell", worlds.shell)):
        out += view.sentence(label, _described(world))
    for label, entries in (("only here", worlds.only_inside), ("only there", worlds.only_shell)):
        if entries:
            out += view.items(label, [entry.path for entry in _told(entries)])
    if worlds.reordered:
        out += view.sentence("order", "folders that both have stand in another order")
    shown = worlds.picks if view.verbose else worlds.picks[:_NAMES]
    for pick in shown:
        out += view.sentence("import", _taken(pick))
    if more := len(worlds.picks) - len(shown):
        out += view.sentence("import", f"and {count(more, 'more name')} that the two do not take from the same place")
    return out


def _described(world: World) -> str:
    python = world.python
    if python is None:
        return "unknown"
    executable = world.host.executable if world.host is not None else python.command
    name = f"sys.executable {executable}" if executable else "no sys.executable: PATH has no python3"
    return f"{python.version}, prefix {python.prefix}, {name}"


def _command(world: World) -> str:
    return world.python.command if world.python is not None else world.process.executable


def _told(entries: tuple[PathEntry, ...]) -> list[PathEntry]:
    """The standard library of each is its own: only what else differs tells something, where there is anything else."""
    other = [entry for entry in entries if not _of_the_standard_library(entry.path)]
    return other or list(entries)


def _of_the_standard_library(path: str) -> bool:
    leaf = path.rpartition("/")[2]
    return leaf == "lib-dynload" or (leaf.startswith("python3") and (leaf.endswith(".zip") or "." in leaf))


def _taken(pick: Pick) -> str:
    inside = pick.inside or "not found"
    shell = pick.shell or "not found"
    return f"{pick.name}: inside {inside}; shell {shell}"

"""Lowered syntax → `Source`: what can neither import, open, nor decide about one of these is left out.

A backward slice: a statement is kept for what it does, an assignment for a kept statement that uses its name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from nixpydoctor.edges import Source
from nixpydoctor.formats.built import a_function, a_step
from nixpydoctor.formats.expressions import Plain
from nixpydoctor.formats.lowered import (
    Effects,
    asks,
    brought,
    classes_in,
    effects,
    exits,
    hot,
    is_flag,
    is_importer,
    is_of_platform,
    mutates,
    names_in,
    near,
    opened,
    renamed,
    terms_of,
    walk,
)


def reduce(plain: list[Any]) -> Source:
    """Keep what matters of a lowered module."""
    body, made = plain[:2]
    steps = list(walk(body))
    functions = {function[0]: function for function in made}
    does = {name: effects(function[4]) for name, function in functions.items()}
    libraries = opened(steps)
    asking = {name for name, function in functions.items() if libraries and _asks(function[4], libraries)}
    others = renamed(steps, ())
    matters: set[str] = set()
    while functions:
        callees = frozenset(matters | others)
        found = {name for name, effect in does.items() if name in asking or effect.matters(callees)}
        if found == matters:
            break
        matters = found
        others = renamed(steps, matters)
    # Another module may call these for what they open: by a computed name, or because they are called like that.
    always = {name for name in matters if name != "__getattr__" and (does[name].opens or is_importer(name))}
    always |= {name for name, function in functions.items() if _only_raises(function[4])}
    loading = frozenset(matters | others | near(steps))
    rescuers = _raising(does) | brought(steps)
    used = {step[1] for step in body if step[0] == "bind" and is_of_platform(step[2])}
    used |= {step[1] for outer in steps if outer[0] == "try" for step in walk([outer]) if is_flag(step)}
    slices: dict[str, tuple[list[Plain], set[str]]] = {}

    def read_by(name: str) -> set[str]:
        """Names that a function reads."""
        if name not in slices:
            raises = name in rescuers
            slicing = _Slicing(loading | rescuers if raises else loading, rescuers, libraries)
            kept, names = slicing.slice(functions[name][4], set(), raises)
            slices[name] = (kept, names | names_in(functions[name][3]))
        return slices[name][1]

    slicing = _Slicing(loading, rescuers, libraries)
    while True:
        kept, used = slicing.slice(body, used)
        wanted = _reached((used & functions.keys()) | always, functions.keys(), read_by)
        grown = used.union(*[read_by(name) for name in wanted])
        if grown == used:
            break
        used = grown
    return Source(
        tuple([a_step(step, used) for step in kept]),
        tuple([a_function(functions[name], slices[name][0]) for name in functions if name in wanted]),
    )


def _raising(does: Mapping[str, Effects]) -> frozenset[str]:
    """Functions that raise somewhere, exit, or call one that does."""
    found: set[str] = set()
    while True:
        more = {
            name
            for name, effect in does.items()
            if name not in found and (effect.raises or not effect.runs.isdisjoint(found))
        }
        if not more:
            return frozenset(found)
        found |= more


def _asks(body: list[Plain], libraries: frozenset[str]) -> bool:
    """Whether a function asks one of these libraries for something."""
    return any(asks(term, libraries) for step in walk(body) for term in terms_of(step))


def _only_raises(body: list[Plain]) -> bool:
    """Whether a function never returns: a handler of another module may call it."""
    return bool(body) and body[-1][0] == "raise" and not any(step[0] == "leave" for step in walk(body))


def _reached(names: set[str], functions: Collection[str], read_by: Callable[[str], set[str]]) -> set[str]:
    """Functions of these names, and those that they name."""
    reached: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= {inner for inner in read_by(name) if inner in functions} - reached
    return reached


class _Slicing:
    """What is kept of a block. `rescuers` raise in the end: a call of one in a handler decides."""

    def __init__(self, loading: frozenset[str], rescuers: frozenset[str], libraries: frozenset[str]) -> None:
        self._loading = loading
        self._rescuers = rescuers
        self._libraries = libraries

    def slice(self, body: list[Plain], used: set[str], rescue: bool = False) -> tuple[list[Plain], set[str]]:
        """Statements that are kept, and every name that these read. `rescue`: what ends the program is kept as well."""
        while True:
            kept = self._pruned(body, used, self._loading, rescue)
            names = names_in([step for step in kept if step[0] != "import"]) | classes_in(kept)
            if names <= used:
                return kept, used
            used = used | names

    def _pruned(self, body: list[Plain], used: set[str], loading: frozenset[str], rescue: bool) -> list[Plain]:
        kept: list[Plain] = []
        for step in body:
            kind = step[0]
            if kind == "bind":
                if step[1] in used or hot(step[2], loading) or self._asks(step[2]):
                    kept.append(step)
            elif kind == "run":
                if (
                    hot(step[1], loading)
                    or self._asks(step[1])
                    or mutates(step[1], used)
                    or (rescue and exits(step[1]))
                ):
                    kept.append(step)
            elif kind == "branch":
                kept.extend(self._branch(step, used, loading, rescue))
            elif kind == "loop":
                inner, after = (self._pruned(block, used, loading, rescue) for block in step[3:5])
                if any(part[0] != "leave" for part in inner) or after:
                    kept.append(["loop", step[1], step[2], inner, after])
            elif kind == "try":
                kept.extend(self._try(step, used, loading, rescue))
            else:
                kept.append(step)
        return kept

    def _asks(self, term: Plain) -> bool:
        return bool(self._libraries) and asks(term, self._libraries)

    def _branch(self, step: Plain, used: set[str], loading: frozenset[str], rescue: bool) -> list[Plain]:
        inner, other = (self._pruned(block, used, loading, rescue) for block in step[2:4])
        if inner or other:
            return [["branch", step[1], inner, other]]
        return [["run", step[1]]] if hot(step[1], loading) else []

    def _try(self, step: Plain, used: set[str], loading: frozenset[str], rescue: bool) -> list[Plain]:
        inner = self._pruned(_asking(step), used, loading, rescue)
        after, final = (self._pruned(block, used, loading, rescue) for block in step[3:5])
        if not inner:
            return after + final
        saving = loading | self._rescuers
        handlers = [[kinds, name, self._pruned(block, used, saving, True)] for kinds, name, block in step[2]]
        return [["try", inner, handlers, after, final]]


def _asking(step: Plain) -> list[Plain]:
    """The body of a `try`; lone names in it are marked to be kept where a handler waits for a NameError."""
    if not any("NameError" in kinds for kinds, _, _ in step[2]):
        return step[1]  # type: ignore[no-any-return]
    return [["ask", part[1]] if part[0] == "run" and part[1][0] == "name" else part for part in step[1]]

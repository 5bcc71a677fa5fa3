"""Tells beforehand which sources a walk of many modules will want, so that somebody may read them meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from nixpydoctor.edges import Attempt, Import, Source, Step
from nixpydoctor.facts import FsPath
from nixpydoctor.imports.finder import Module
from nixpydoctor.imports.walk import Walk


def expect(walk: Walk, names: Iterable[str]) -> None:
    """These modules will be executed, the last ones first, and then what they import."""
    modules: dict[FsPath, Module] = {}

    def paths(names: Iterable[str]) -> list[FsPath]:
        new = {module.path: module for name in names if (module := walk.ahead(name)) is not None}
        modules.update(new)
        return [path for path in new if not path.endswith(".pyc")]

    def follow(path: FsPath, source: Source) -> list[FsPath]:
        plans = [walk.graph.plan(step, modules[path]) for step in _imports(source.body)]
        return paths(name for plan in plans for names in plan for name in names)

    walk.graph.disk.expect(paths(names), follow)


def _imports(steps: Iterable[Step]) -> Iterable[Import]:
    """The imports of a module's first level, those under `try` as well."""
    for step in steps:
        if isinstance(step, Import):
            yield step
        elif isinstance(step, Attempt):
            yield from _imports(step.body)

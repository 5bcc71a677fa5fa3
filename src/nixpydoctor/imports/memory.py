"""What a walk remembers of the modules that it has executed: their names, their functions, and who is in progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from nixpydoctor.edges import Function, Source
from nixpydoctor.imports.finder import Finder, Module
from nixpydoctor.imports.frame import Frame
from nixpydoctor.imports.graph import Done
from nixpydoctor.imports.values import Slot, known


class Pending(Exception):  # noqa: N818 - no error: a frame is left to execute another first
    """A module must be executed before the frame that imports it can go on."""

    def __init__(self, module: Module, loaded: frozenset[str], *, exact: bool = False) -> None:
        super().__init__(module.name)
        self.module = module
        self.exact = exact
        self.loaded = loaded
        """Sonames that are loaded at that point."""


class Memory:
    """Modules by name: executed ones, and those in progress on their stack."""

    def __init__(self, finder: Finder, done: dict[str, Done], source: Callable[[Module], Source]) -> None:
        self.done = done
        self.quiet = {name for name, one in done.items() if one.quiet}
        """Modules that matter to nobody: executed, and without any effect, or never executed in this walk."""
        self.stack: list[Frame] = []
        self.active: dict[str, int] = {}
        """Name → place on the stack."""
        self._finder = finder
        self._source = source
        self._functions: dict[str, Mapping[str, Function]] = {}

    def forget(self, names: Iterable[str]) -> None:
        """These will have to be executed again."""
        for name in names:
            self.done.pop(name, None)
            self.quiet.discard(name)

    def names(self, module: Module) -> Mapping[str, Slot]:
        """A module's own names, as far as they are known by now."""
        depth = self.active.get(module.name)
        if depth is not None:
            return self.stack[depth].env
        done = self.done.get(module.name)
        if done is not None and done.loose:
            raise Pending(module, self.stack[-1].loaded, exact=True)
        return done.names if done is not None else {}

    def exported(self, name: str) -> Slot | None:
        """The value that an executed module gave to one of its names, where that is plain data."""
        above, _, last = name.rpartition(".")
        module = self._finder.find(above) if above else None
        done = self.done.get(above) if module is not None and not module.stdlib else None
        if module is not None and done is not None and last in done.flags:
            raise Pending(module, self.stack[-1].loaded, exact=True)
        slot = done.names.get(last) if done is not None else None
        return slot if slot is not None and known(slot.value) else None

    def public(self, module: str) -> Mapping[str, Slot]:
        """What `from module import *` brings, as far as it is plain data."""
        done, found = self.done.get(module), self._finder.find(module)
        if done is None or found is None or found.stdlib:
            return {}
        if done.flags:
            raise Pending(found, self.stack[-1].loaded, exact=True)
        return {name: slot for name, slot in done.names.items() if name[:1] != "_" and known(slot.value)}

    def functions(self, module: Module) -> Mapping[str, Function]:
        """Functions of a module by name."""
        known = self._functions.get(module.name)
        if known is None:
            known = self._functions[module.name] = {one.name: one for one in self._source(module).functions}
        return known

    def function(self, name: str) -> tuple[Module, Function] | None:
        """The module-level function of that dotted name, where its source has been looked at."""
        above, _, last = name.rpartition(".")
        module = self._finder.find(above) if above else None
        if module is None and "." in above:  # a method, by its class
            above, _, middle = above.rpartition(".")
            module, last = self._finder.find(above), f"{middle}.{last}"
        if module is None or module.kind != "source" or module.stdlib:
            return None
        function = self.functions(module).get(last)
        return (module, function) if function is not None else None

    def bound(self, name: str) -> bool:
        """Whether the package gave that name a value of its own: then no submodule of that name is looked for."""
        above, _, last = name.rpartition(".")
        depth, done = self.active.get(above), self.done.get(above)
        if depth is None and done is not None and last in done.flags and (module := self._finder.find(above)):
            raise Pending(module, self.stack[-1].loaded, exact=True)
        if depth is not None:
            package = self.stack[depth]
            if last in package.source.flags:
                package.asked = package.vague = True
            slot = package.env.get(last)
        else:
            slot = done.names.get(last) if done is not None else None
        return slot is not None and known(slot.value)

    def forget_below(self, frame: Frame) -> None:
        """Before a package is executed exactly: what its modules made of names that it did not have yet."""
        if frame.asked:
            self.forget([name for name in self.done if name.startswith(f"{frame.home.name}.")])

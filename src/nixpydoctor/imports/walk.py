"""Walks from top-level modules through everything their import executes, for one state of the process.

A module is executed once; what it raises is kept. Where modules import each other, the one that is still being executed
raises nothing for the one inside (`importlib._bootstrap`: it is in `sys.modules` already).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from nixpydoctor.edges import Import, Source
from nixpydoctor.facts import FsPath, Unread, parent
from nixpydoctor.imports.finder import Module
from nixpydoctor.imports.frame import Frame
from nixpydoctor.imports.graph import Broken, Done, Graph
from nixpydoctor.imports.memory import Memory, Pending
from nixpydoctor.imports.openings import Openings
from nixpydoctor.imports.outcome import IMPORT, MODULE, NOTHING, OTHER, Outcome

_NO_SOURCE = Source()


class Walk:
    """One state of the process: what is broken in it, what opens."""

    def __init__(
        self,
        graph: Graph,
        broken: Mapping[FsPath, Broken],
        opens: Callable[[str], bool],
        finds: Callable[[str], str | None],
        only: frozenset[str] | None = None,
        *,
        within: frozenset[str] | None = None,
        afresh: bool = False,
    ) -> None:
        """`only`: top-level modules beside which nobody is executed; `within`: folders outside of which no file is.

        `afresh`: whatever other walks have found.
        """
        self.graph = graph
        self._finder, self._disk, self.surroundings = graph.finder, graph.disk, graph.surroundings
        self.unread: dict[FsPath, Unread] = {}
        self._broken = broken
        self._only = only
        self._within = within
        self._wanted = frozenset[str]().union(*(one.missing for one in broken.values()))
        self.openings = Openings(graph.disk, opens, finds, self._wanted, self._ask)
        self._stdlib = any(self._in_stdlib(path) for path in broken) or not self._wanted.isdisjoint(graph.stdlib_brings)
        self.memory = Memory(graph.finder, {} if afresh else graph.begin(broken), self._source)
        self._done, self._stack, self._active = self.memory.done, self.memory.stack, self.memory.active
        self._quiet = self.memory.quiet
        self._idle: set[str] = set()
        """Names that are found, and that this walk does not execute."""
        self._low: list[int] = []
        self._waiting: dict[int, list[str]] = {}
        self._passing: list[str] = []
        """Modules whose outcome holds for this root only: it depends on what was loaded before them."""

    def widen(self) -> None:
        """From now on everybody is executed; what was found of who left something out is forgotten."""
        self._only = self._within = None
        self._quiet -= self._idle
        self._idle.clear()
        self.memory.forget([name for name, done in self._done.items() if done.cut])

    def end(self) -> None:
        """Leave to later walks what is the same in every state."""
        self.graph.steady.update({name: done for name, done in self._done.items() if done.steady and not done.cut})

    def _in_stdlib(self, path: FsPath) -> bool:
        return "-packages/" not in path and any(path.startswith(f"{root}/") for root in self._finder.stdlib)

    # ── the walk ──────────────────────────────────────────────────────────────────────────────────────────────────

    def outcome(self, name: str) -> Outcome:
        """What a plain `import name` raises."""
        module = self._finder.find(name)
        if module is None:
            return self._absent(name)
        if name not in self._done and self._executes(module):
            self._run(module)
        done = self._done.get(name)
        return done.outcome if done is not None else NOTHING

    def ahead(self, name: str) -> Module | None:
        """A module that will be executed when somebody imports it; None for any other."""
        module = self._finder.find(name) if name not in self._done else None
        return module if module is not None and self._executes(module) else None

    def _executes(self, module: Module) -> bool:
        if self._only is not None and not module.stdlib and module.name.partition(".")[0] not in self._only:
            return False
        if self._within is not None and parent(module.path) not in self._within:
            return False
        return bool(module.path) and (self._stdlib or not module.stdlib)

    def _run(self, module: Module) -> None:
        self._push(module, frozenset())
        self._passing.clear()
        while self._stack:
            frame = self._stack[-1]
            try:
                frame.advance()
            except Pending as pending:
                self._push(pending.module, pending.loaded, exact=pending.exact)
            else:
                if frame.vague:
                    self.memory.forget_below(frame)
                    frame.begin(self._source(frame.home))
                else:
                    self._pop()
        self.memory.forget(self._passing)

    def _push(self, module: Module, loaded: frozenset[str], *, exact: bool = False) -> None:
        source = self._source(module, exact=exact or module.name in self.graph.known)
        frame = Frame(self, module, source, loaded)
        self._active[module.name] = len(self._stack)
        self._stack.append(frame)
        self._low.append(len(self._low))
        if module.kind == "compiled":
            self._load(frame)
        for entry in self.graph.known.get(module.name, ()):
            self.openings.open_known(frame, entry)

    def _pop(self) -> None:
        frame, low = self._stack.pop(), self._low.pop()
        name, depth = frame.home.name, len(self._stack)
        del self._active[name]
        if frame.home.kind == "compiled" and name.partition(".")[0] not in self.graph.declaring:
            # It names numpy, of a distribution that does not require it: it may go on without.
            frame.outcome = frame.outcome.doubted_but(self.openings.bits.get(frame.home.path, 0))
        if frame.excused:
            self._passing.append(name)
        done = self._done[name] = Done(
            self.graph.shared(frame.outcome),
            frame.brought,
            frame.env,
            frame.steady,
            frame.cut,
            frame.source.loose,
            frame.source.flags,
        )
        if done.quiet:
            self._quiet.add(name)
        if low < depth:
            self._low[-1] = min(self._low[-1], low)
            self._waiting.setdefault(low, []).append(name)
        for other in self._waiting.pop(depth, ()):
            self._settle(other, name, frame)

    def _settle(self, name: str, root: str, frame: Frame) -> None:
        """Forget what was found of a module while `root` was in progress, unless it holds without that too.

        A submodule of `root` is never imported before it. One that raises all that `root` does has nothing to add.
        """
        done, outcome = self._done.get(name), frame.outcome
        if done is None or name.startswith(f"{root}."):
            return
        done.steady = done.steady and frame.steady
        done.cut = done.cut or frame.cut
        if not done.quiet:
            self._quiet.discard(name)
        if outcome.causes & ~done.outcome.causes or outcome.doubts & ~(done.outcome.doubts | done.outcome.causes):
            self.memory.forget((name,))

    def _source(self, module: Module, *, exact: bool = True) -> Source:
        if module.path.endswith(".pyc"):
            return _NO_SOURCE
        found = self._disk.imports(module.path, exact=exact)
        if isinstance(found, Unread):
            self.unread[module.path] = found
            self._ask()
            return _NO_SOURCE
        return found if found is not None else _NO_SOURCE

    # ── what frames ask ───────────────────────────────────────────────────────────────────────────────────────────

    def absorbed(self, frame: Frame, step: Import) -> bool:
        """Execute a statement of the module's own the quick way: all that it imports is there, and what that raises.

        False where it has to be looked at more closely; then `imported` and `imported_from` do what is left to do.
        Raises Pending where something must be executed first.
        """
        chain, below = self.graph.plan(step, frame.module)
        if self._quiet.issuperset(chain) and self._quiet.issuperset(below):
            return True
        for names in (chain, below):
            for name in names:
                done = self._done.get(name)
                if done is None:
                    if name in self._idle or self._circles(name):
                        continue
                    module = self._finder.find(name)
                    if module is not None and self._executes(module):
                        raise Pending(module, frame.loaded)
                    return False
                outcome = done.outcome
                if outcome is not NOTHING and (names is below or outcome not in frame.absorbed):
                    if names is below or MODULE in outcome.sure:
                        return False  # the package may have given that name a value of its own
                    frame.outcome.add(outcome)
                    frame.absorbed.add(outcome)
                self._note(frame, done)
        return True

    def imported(self, frame: Frame, name: str) -> Outcome:
        """`import a.b.c` executes a, a.b and a.b.c."""
        return self._all(frame, self.graph.chain(name))

    def imported_from(self, frame: Frame, step: Import) -> Outcome:
        """`from module import names` executes the module, and each name that is a submodule of it."""
        chain, below = self.graph.plan(step, frame.module)
        outcome = self._all(frame, chain)
        if not below or (outcome.sure and outcome.causes == OTHER and MODULE in outcome.sure):
            return outcome
        more = self._all(frame, below)
        if not (more.sure or more.maybe):
            return outcome
        if any(self.memory.bound(name) for name in below):
            more = self._all(frame, [name for name in below if not self.memory.bound(name)])
        whole = Outcome()
        whole.add(outcome)
        whole.add(more)
        return whole

    def _all(self, frame: Frame, names: Iterable[str]) -> Outcome:
        """One import after the other."""
        found = NOTHING
        several = False
        for name in names:
            one = self._one(frame, name)
            if one is found or not (one.sure or one.maybe):
                continue
            if found is NOTHING:
                found = one
                continue
            if not several:
                whole = Outcome()
                whole.add(found)
                found, several = whole, True
            found.add(one)
        return found

    def _one(self, frame: Frame, name: str) -> Outcome:
        done = self._done.get(name)
        if done is not None:
            self._note(frame, done)
            return done.outcome
        if self._circles(name):
            return NOTHING
        module = self._finder.find(name)
        if module is None:
            return self._absent(name)
        if self._executes(module):
            raise Pending(module, frame.loaded)
        if module.kind == "namespace" and name in self.graph.foreign:
            # A folder of stubs of the same name, now that the compiled module is not found: it holds nothing to import.
            return self._absent(name)
        if self._only is not None and not module.stdlib:
            frame.cut = True
        else:
            self._idle.add(name)
            self._quiet.add(name)
        return NOTHING

    def _circles(self, name: str) -> bool:
        """Whether the module is being executed by whoever imports it now, directly or not."""
        depth = self._active.get(name)
        if depth is None:
            return False
        if depth < self._low[-1]:
            self._low[-1] = depth
        return True

    def _note(self, frame: Frame, done: Done) -> None:
        """What an import leaves behind besides what it raises."""
        if done.brought and not done.brought <= frame.brought:
            frame.brought |= done.brought
        if not done.steady:
            frame.steady = False
        if done.cut:
            frame.cut = True

    def _absent(self, name: str) -> Outcome:
        """No import finds it. A module that is no package may register others below it: then nothing is known."""
        above = self._finder.find(name.rpartition(".")[0]) if "." in name else None
        if above is not None and above.places is None:
            return NOTHING
        causes = 0
        for path in self.graph.foreign.get(name, ()):
            self._ask()
            if path in self._broken:
                causes |= self.openings.bit(path)
        return Outcome({MODULE: causes or OTHER})

    def _ask(self) -> None:
        """What is being executed depends on the state of the process: it must be executed again for another one."""
        for frame in self._stack:
            frame.steady = False

    def _load(self, frame: Frame) -> None:
        """A compiled module: it loads, unless it is broken and nothing that was loaded before cures that."""
        path = frame.home.path
        broken = self._broken.get(path)
        if path in self.graph.doubtful:
            self._ask()
        if broken is not None and not (broken.missing and broken.missing <= frame.loaded):
            frame.outcome.fail(IMPORT, self.openings.bit(path))
        else:
            if broken is not None:
                for outer in self._stack:
                    outer.excused = outer.excused or not broken.missing.isdisjoint(outer.inherited)
            self.openings.hold(frame, path)

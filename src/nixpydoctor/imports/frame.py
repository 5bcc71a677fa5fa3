"""Executes the statements of one module in the abstract: which exceptions leave it, and of which causes.

What certainly happens decides; where a test cannot be decided both ways are taken and what they raise is a doubt. After
an exception the rest is executed all the same, on a copy of the names: a first missing library must not hide the next.
A name remembers which causes gave it its value (`blame`), so that a `raise` far from the failed import is tied to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nixpydoctor.edges import (
    Attempt,
    Bind,
    Branch,
    Function,
    Import,
    Leave,
    Loop,
    Raise,
    Run,
    Source,
    Step,
    Term,
)
from nixpydoctor.imports.finder import Module, absolute
from nixpydoctor.imports.flow import ON, Flow
from nixpydoctor.imports.outcome import OTHER, Kinds, Outcome
from nixpydoctor.imports.terms import evaluate
from nixpydoctor.imports.values import (
    UNKNOWN,
    Caught,
    Kind,
    Ref,
    Slot,
    Value,
)
from nixpydoctor.imports.ways import attempt, branch, loop

if TYPE_CHECKING:
    from nixpydoctor.imports.asking import Walk

_DEPTH = 4
"""Calls inside calls that are followed."""


class Frame:
    """One module while it is executed."""

    def __init__(self, walk: Walk, module: Module, source: Source, loaded: frozenset[str]) -> None:
        self.walk = walk
        self.module = module
        self.home = module
        """The module itself, also while a function of another one is executed."""
        self.inherited = loaded
        """Sonames that were loaded before this module began."""
        self.excused = False
        """Whether something loads here only because of one of these."""
        self.context = 0
        """Causes without which this place would not be reached."""
        self.handling: list[Kinds] = []
        self.steady = True
        """Whether nothing so far depended on the state of the process."""
        self.cut = False
        """Whether something that is imported was left out."""
        self.depth = 0
        self.blame = 0
        """Causes of the values read by the expression at hand."""
        self.line = 0
        """Of the outermost call at hand; 0 outside of one."""
        self.begin(source)

    def begin(self, source: Source) -> None:
        """Execute this, from its first statement on."""
        self.source = source
        self.functions: Mapping[str, Function] = {one.name: one for one in source.functions} if source.functions else {}
        self.env: dict[str, Slot] = {}
        self.brought: frozenset[str] = frozenset()
        """Sonames that this module loads, or has loaded by what it imports."""
        self.outcome = Outcome()
        self.absorbed: set[Outcome] = set()
        """Outcomes of other modules that are part of this one's."""
        self.stars: list[str] = []
        """Modules whose public names this one has."""
        self.met = 0
        """Causes of what failed in the statement at hand or may have, also where nothing came of it."""
        self.asked = False
        """Whether somebody asked for a name that the source only says may be given."""
        self.vague = False
        """Whether the source is too loose: something matters of which it does not say whether it is executed."""
        self.next = 0
        """The top-level statement to execute."""

    @property
    def loaded(self) -> frozenset[str]:
        """Sonames that are loaded by now."""
        return self.inherited | self.brought

    def advance(self) -> None:
        """Execute the module to its end; may be left by an exception of the walk's and called again."""
        body = self.source.body
        while self.next < len(body):
            step = body[self.next]
            if isinstance(step, Import):
                if self.walk.absorbed(self, step):
                    if step.binds or "*" in step.names:
                        self._bound(step)
                else:
                    self._import(step)
            else:
                self._whole(step)
            self.next += 1

    def _whole(self, step: Step) -> None:
        """One top-level statement, undone where it is interrupted."""
        names = self.names_now()
        before, loaded = self.outcome, self.brought
        self.outcome = Outcome()
        self.met = 0
        try:
            self.step(step)
        except BaseException:
            self.env, self.outcome, self.brought = names, before, loaded
            self.context, self.depth, self.blame, self.line, self.module = 0, 0, 0, 0, self.home
            self.functions = {function.name: function for function in self.source.functions}
            self.handling.clear()
            raise
        found, self.outcome = self.outcome, before
        if not self.source.loose:
            before.add(found)
            return
        # What the plain imports raise is certain: more than that need not be known of the others, but it must be known.
        before.doubt(Outcome(None, found.maybe))
        more = self.met & ~before.causes & ~OTHER
        self.vague = bool(self.vague or more or (found.sure and not before.sure) or self.brought != loaded)

    # ── statements ────────────────────────────────────────────────────────────────────────────────────────────────

    def block(self, steps: Sequence[Step]) -> Flow:
        """Statements one after the other."""
        stopped: dict[str, Slot] | None = None
        before, unbroken, unreturned = self.context, 0, 0
        last = ON
        for step in steps:
            prior = self.names_now() if stopped is None and isinstance(step, (Import, Bind)) else None
            flow = self.step(step)
            unbroken |= flow.unbroken
            unreturned |= flow.unreturned
            self.context |= flow.unbroken | flow.unreturned
            if stopped is None and self.outcome.sure:
                stopped = prior if prior is not None else self.names_now()
            elif flow.jump:
                last = flow
                break
        self.context = before
        if stopped is not None:
            self._blame_unreached(stopped)
            return ON
        return (
            Flow(last.jump, last.value, last.blame, unbroken, unreturned) if last.jump or unbroken or unreturned else ON
        )

    def names_now(self) -> dict[str, Slot]:
        """A copy of the names, for something to be executed beside them."""
        return {name: Slot(slot.value, slot.blame) for name, slot in self.env.items()}

    def _blame_unreached(self, stopped: dict[str, Slot]) -> None:
        """Names keep what they had when the exception came; that they were not set afterwards is its doing."""
        causes = self.outcome.causes
        for name, slot in self.env.items():
            old = stopped.get(name)
            if old is not None and (old.value is not slot.value or old.blame != slot.blame):
                old.blame |= causes
        self.env.clear()
        self.env.update(stopped)

    def step(self, step: Step) -> Flow:
        """One statement."""
        match step:
            case Import():
                self._import(step)
            case Bind(name, value):
                self._bind(name, value)
            case Run(value):
                self._run(value)
            case Branch():
                return branch(self, step)
            case Attempt():
                return attempt(self, step)
            case Loop():
                return loop(self, step)
            case Raise(value):
                self._raise(value)
            case Leave(how, value):
                self.blame = 0
                result = self.eval(value) if value is not None else None
                return Flow(how, result, self.blame | self.context)
        return ON

    def _import(self, step: Import) -> None:
        found = self.walk.imported_from(self, step) if step.names else self.walk.imported(self, step.module)
        if found.sure or found.maybe:
            self.met |= found.causes | found.doubts
            self.tie(found.causes)
            self.outcome.add(found, self.context)
        self._bound(step)

    def _bound(self, step: Import) -> None:
        """What an import gives to names."""
        if step.names and step.names[0] == "*":
            star = absolute(step.module, self.module)
            self.stars.append(star)
            self.env.update(self.walk.memory.public(star))
        for local, target in step.binds:
            name = absolute(target, self.module)
            exported = self.walk.memory.exported(name) if step.names else None
            if exported is not None:
                self.env[local] = Slot(exported.value, exported.blame | self.context)
            else:
                self.env[local] = Slot(Ref(name, not step.names or self.walk.graph.exists(name)), self.context)

    def tie(self, causes: int) -> None:
        if self.context:
            self.walk.openings.alternatives(self.context, causes)

    def _run(self, value: Term) -> None:
        """An expression for what it does; a lone name asks whether there is such a name."""
        self.blame = 0
        result = self.eval(value)
        if value.op == "name" and result is UNKNOWN and str(value.value) not in self.env:
            self.outcome.fail("NameError", self.context or OTHER)

    def _bind(self, name: str, value: Term) -> None:
        self.blame = 0
        result = self.eval(value)
        if name:
            self.env[name] = Slot(result, self.blame | self.context)

    def assign(self, name: str, value: Value) -> None:
        """Give a name a value for the reasons at hand."""
        self.env[name] = Slot(value, self.blame | self.context)

    def _raise(self, value: Term | None) -> None:
        if value is None:
            for kind, causes in (self.handling[-1] if self.handling else {"Exception": OTHER}).items():
                self.outcome.fail(kind, causes | self.context)
            return
        self.blame = 0
        raised = self.eval(value.parts[0] if value.op == "call" else value)
        causes = self.blame | self.context
        if isinstance(raised, Caught):
            for kind, mask in raised.kinds.items():
                self.outcome.fail(kind, mask | causes)
        else:
            name = raised.name.rpartition(".")[2] if isinstance(raised, Ref) else "Exception"
            name = raised.spelled if isinstance(raised, Kind) else name
            self.outcome.fail(name, causes or OTHER)

    # ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def eval(self, term: Term) -> Value:
        """The value of an expression; what evaluating it raises joins the frame's outcome."""
        return evaluate(self, term)

    def call(self, module: Module, function: Function, arguments: Sequence[Value], named: Mapping[str, Value]) -> Value:
        """A module-level function of this module or another, with the arguments that are known."""
        if self.depth >= _DEPTH:
            return UNKNOWN
        values: dict[str, Value] = dict.fromkeys((*function.params, *function.named), UNKNOWN)
        for name, default in function.defaults:
            values[name] = self.eval(default)
        values.update(zip(function.params, arguments, strict=False))
        values.update({name: value for name, value in named.items() if name in values})
        if function.rest:
            values[function.rest] = tuple(arguments[len(function.params) :])
        outer, own, functions, blame = self.env, self.module, self.functions, self.blame
        around = outer if module is own else self.walk.memory.names(module)
        self.env = {**around, **{name: Slot(value, blame) for name, value in values.items()}}
        if module is not own:
            self.module, self.functions = module, self.walk.memory.functions(module)
        self.depth += 1
        flow = self.block(function.body)
        self.depth -= 1
        self.env, self.module, self.functions = outer, own, functions
        self.blame = blame | flow.blame | flow.unreturned
        if flow.jump == "return":
            return flow.value
        return UNKNOWN if any(not isinstance(step, (Import, Bind, Run)) for step in function.body) else None

"""Executes the statements that decide what else is executed: branches, attempts and loops, inside of a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nixpydoctor.edges import Attempt, Branch, Handler, Loop, Step
from nixpydoctor.imports.flow import ON, Flow, assigned, leaves
from nixpydoctor.imports.outcome import Kinds, Outcome, caught, union
from nixpydoctor.imports.values import UNKNOWN, Caught, Guard, Slot, Value, classes, truth

if TYPE_CHECKING:
    from nixpydoctor.imports.frame import Frame

_TURNS = 64
"""Turns of one loop."""


def _apart(frame: Frame) -> tuple[dict[str, Slot], Outcome]:
    """Names and outcome as they are, for something to be executed beside them."""
    before = (frame.names_now(), frame.outcome)
    frame.outcome = Outcome()
    return before


def branch(frame: Frame, step: Branch) -> Flow:
    """`if`: the way that the test decides, or both."""
    frame.blame = 0
    decided = truth(frame.eval(step.test))
    if decided is None:
        return _either(frame, step.body, step.orelse)
    blame = frame.blame
    flow = _because(frame, blame, step.body if decided else step.orelse)
    return _missed(frame, flow, step.orelse if decided else step.body, blame)


def _missed(frame: Frame, flow: Flow, steps: Sequence[Step], blame: int) -> Flow:
    """The same flow, with the blame for jumps in statements that were not reached."""
    if not blame:
        return flow
    for name in assigned(steps):
        slot = frame.env.get(name)
        if slot is not None:
            slot.blame |= blame
    broken, returned = leaves(steps, "break"), leaves(steps, "return")
    if not broken and not returned:
        return flow
    unbroken = flow.unbroken | (blame if broken else 0)
    return Flow(flow.jump, flow.value, flow.blame, unbroken, flow.unreturned | (blame if returned else 0))


def _because(frame: Frame, blame: int, steps: Sequence[Step]) -> Flow:
    before = frame.context
    frame.context |= blame
    flow = frame.block(steps)
    frame.context = before
    return flow


def _either(frame: Frame, first: Sequence[Step], second: Sequence[Step]) -> Flow:
    """Both ways of an undecided test: certain is only that something is raised either way."""
    names, outcome = _apart(frame)
    loaded = frame.brought
    one = frame.block(first)
    after_first, first_outcome, loaded_first = frame.env, frame.outcome, frame.brought
    frame.env, frame.brought = names, loaded
    frame.outcome = Outcome()
    other = frame.block(second)
    second_outcome, frame.outcome = frame.outcome, outcome
    frame.brought &= loaded_first
    if first_outcome.sure and second_outcome.sure:
        frame.outcome.add(first_outcome)
        frame.outcome.add(second_outcome)
    else:
        frame.outcome.doubt(first_outcome)
        frame.outcome.doubt(second_outcome)
    if first_outcome.sure or one.jump:
        return other if one.jump == other.jump else ON
    if second_outcome.sure or other.jump:
        frame.env = after_first
        return ON
    _join(frame, after_first)
    return ON


def _join(frame: Frame, other: Mapping[str, Slot]) -> None:
    """Names after either of two ways: what differs is unknown."""
    for name, slot in other.items():
        mine = frame.env.get(name)
        if mine is None or (mine.value is not slot.value and mine.value != slot.value):
            frame.env[name] = Slot(UNKNOWN, slot.blame | (mine.blame if mine else 0))
        else:
            mine.blame |= slot.blame


def attempt(frame: Frame, step: Attempt) -> Flow:
    """`try`: what the body raises meets the handlers."""
    outer = frame.outcome
    frame.outcome = Outcome()
    flow = frame.block(step.body)
    body, frame.outcome = frame.outcome, outer
    left, taken = Outcome(), False
    for kind, causes in body.sure.items():
        place = _handler(frame, step, kind)
        if place is None:
            left.fail(kind, causes)
            continue
        index, certain = place
        if certain:
            flow = (
                _handle(frame, step, index, {kind: causes}) if not taken else _aside(frame, step, index, {kind: causes})
            )
            taken = True
        else:
            left.maybe[kind] = left.maybe.get(kind, 0) | causes
    for kind, causes in body.maybe.items():
        place = _handler(frame, step, kind)
        if place is None:
            left.maybe[kind] = left.maybe.get(kind, 0) | causes
        else:
            _aside(frame, step, place[0], {kind: causes}, doubt=True)
    frame.outcome.add(left, frame.context)
    if not body.sure and not flow.jump:
        flow = frame.block(step.orelse)
    if step.final:
        frame.block(step.final)
    return _missed(frame, flow, step.body, union(body.sure)) if taken else flow


def _handler(frame: Frame, step: Attempt, kind: str) -> tuple[int, bool] | None:
    for place, handler in enumerate(step.handlers):
        kinds = _caught_by(frame, handler)
        answer = caught(kind, kinds) if kinds is not None else "no"
        if answer != "no":
            return place, answer == "yes"
    return None


def _caught_by(frame: Frame, handler: Handler) -> tuple[str, ...] | None:
    """The classes that a handler catches, variables resolved; None for a context manager that catches none."""
    if not handler.kinds:
        return ()
    found: list[str] = []
    for kind in handler.kinds:
        slot = frame.env.get(kind.removeprefix("with "))
        value = slot.value if slot is not None else UNKNOWN
        if kind.startswith("with "):
            found.extend(value.kinds if isinstance(value, Guard) else ())
        else:
            found.extend(classes(value) or (kind,))
    return tuple(found) or None


def _handle(frame: Frame, step: Attempt, place: int, kinds: Kinds) -> Flow:
    handler = step.handlers[place]
    causes = union(kinds)
    before, outer = frame.context, frame.outcome
    frame.context |= causes
    frame.handling.append(kinds)
    frame.outcome = Outcome()
    if handler.name:
        frame.env[handler.name] = Slot(Caught(kinds), frame.context)
    flow = frame.block(handler.body)
    frame.handling.pop()
    frame.context = before
    outer.add(frame.outcome)
    frame.outcome = outer
    return flow


def _aside(frame: Frame, step: Attempt, place: int, kinds: Kinds, *, doubt: bool = False) -> Flow:
    """A handler whose effect on names is not followed: another one is, or it may not run at all."""
    names, outer = _apart(frame)
    loaded = frame.brought
    flow = _handle(frame, step, place, kinds)
    found, frame.outcome, frame.env, frame.brought = frame.outcome, outer, names, loaded
    if doubt:
        frame.outcome.doubt(found)
        return ON
    frame.outcome.add(found)
    return flow


def loop(frame: Frame, step: Loop) -> Flow:
    """`for` over what is known, one turn after the other; `while` at most one."""
    frame.blame = 0
    over = frame.eval(step.over)
    blame = frame.blame
    if not step.targets:
        return _while(frame, step, truth(over), blame)
    if isinstance(over, dict):
        over = tuple(over)
    if not isinstance(over, tuple) or len(over) > _TURNS:
        for name in step.targets:
            frame.env[name] = Slot(UNKNOWN)
        return _either(frame, step.body, step.orelse)
    unbroken, unreturned = 0, 0
    before = frame.context
    for item in over:
        _target(frame, step.targets, item, blame)
        flow = _because(frame, blame, step.body)
        unbroken |= flow.unbroken
        unreturned |= flow.unreturned
        frame.context |= flow.unbroken | flow.unreturned
        if flow.jump in ("break", "return"):
            frame.context = before
            return flow if flow.jump == "return" else Flow(unreturned=unreturned)
    flow = _because(frame, blame, step.orelse)
    frame.context = before
    return Flow(flow.jump, flow.value, flow.blame, 0, unreturned | flow.unreturned)


def _target(frame: Frame, names: Sequence[str], item: Value, blame: int) -> None:
    if len(names) == 1:
        frame.env[names[0]] = Slot(item, blame | frame.context)
    else:
        parts = item if isinstance(item, tuple) and len(item) == len(names) else (UNKNOWN,) * len(names)
        for name, part in zip(names, parts, strict=True):
            frame.env[name] = Slot(part, blame | frame.context)


def _while(frame: Frame, step: Loop, decided: bool | None, blame: int) -> Flow:
    if decided is None:
        return _either(frame, step.body, step.orelse)
    if not decided:
        return _because(frame, blame, step.orelse)
    flow = _because(frame, blame, step.body)
    return flow if flow.jump == "return" else Flow(unreturned=flow.unreturned)

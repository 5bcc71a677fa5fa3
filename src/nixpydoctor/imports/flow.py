"""How a block of statements is left, and what a block that is not reached would have done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from nixpydoctor.edges import Attempt, Bind, Branch, Import, Leave, Loop, Run, Step, Term
from nixpydoctor.imports.values import Value
from nixpydoctor.light import dataclass

Jump = Literal["", "break", "continue", "return"]


@dataclass(slots=True)
class Flow:
    """How a block was left; what it raised is in the frame's outcome."""

    jump: Jump = ""
    value: Value = None
    blame: int = 0
    """Causes of the value that is returned."""
    unbroken: int = 0
    """Causes for which a `break` was not reached: what follows the loop's turns happens because of them."""
    unreturned: int = 0
    """The same for a `return` and the rest of the function."""


ON = Flow()
"""Nothing but on to the next statement."""


def leaves(steps: Sequence[Step], how: Jump) -> bool:
    """Whether one of these statements jumps that way, out of what holds them."""
    for step in steps:
        match step:
            case Leave(jump, _) if jump == how:
                return True
            case Branch(_, body, orelse) if leaves(body, how) or leaves(orelse, how):
                return True
            case Attempt(body, _, orelse, final) if any(leaves(part, how) for part in (body, orelse, final)):
                return True
            case Loop(_, _, body, orelse) if leaves(orelse, how) or (how == "return" and leaves(body, how)):
                return True
    return False


def assigned(steps: Sequence[Step]) -> set[str]:
    """Names that these statements would give another value."""
    names: set[str] = set()
    for step in steps:
        match step:
            case Bind(name, _):
                names.add(name)
            case Import(_, _, binds):
                names.update(local for local, _ in binds)
            case Run(Term("call", _, (Term("attr", _, (Term("name", name),)), *_))):
                names.add(str(name))
            case Branch(_, body, orelse) | Loop(_, _, body, orelse):
                names |= assigned(body) | assigned(orelse)
            case Attempt(body, handlers, orelse, final):
                names |= assigned((*body, *orelse, *final))
                for handler in handlers:
                    names |= assigned(handler.body)
    return names

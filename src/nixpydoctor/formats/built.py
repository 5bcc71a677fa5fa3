"""Builds the nouns of `edges` from lowered syntax."""

from __future__ import annotations

from nixpydoctor.edges import (
    Attempt,
    Bind,
    Branch,
    Function,
    Handler,
    Import,
    Leave,
    Loop,
    Raise,
    Run,
    Step,
    Term,
)
from nixpydoctor.formats.expressions import Plain


def _term(plain: Plain) -> Term:
    size = len(plain)
    return Term(
        plain[0],
        plain[1] if size > 1 else None,
        tuple(_term(part) for part in plain[2]) if size > 2 else (),
        plain[3] if size > 3 else 0,
    )


def _steps(body: list[Plain], used: set[str] | None) -> tuple[Step, ...]:
    return tuple(a_step(step, used) for step in body)


def a_step(plain: Plain, used: set[str] | None) -> Step:
    match plain:
        case ["import", module, pairs, local]:
            return Import(module, tuple([pair[0] for pair in pairs]), _binds(module, pairs, local, used))
        case ["bind", name, value]:
            return Bind(name, _term(value))
        case ["run" | "ask", value]:
            return Run(_term(value))
        case ["branch", test, body, orelse]:
            return Branch(_term(test), _steps(body, used), _steps(orelse, used))
        case ["try", body, handlers, orelse, final]:
            caught = tuple(Handler(tuple(kinds), name, _steps(block, used)) for kinds, name, block in handlers)
            return Attempt(_steps(body, used), caught, _steps(orelse, used), _steps(final, used))
        case ["loop", targets, over, body, orelse]:
            return Loop(tuple(targets), _term(over), _steps(body, used), _steps(orelse, used))
        case ["raise", *value]:
            return Raise(_term(value[0]) if value else None)
        case ["leave", how, *value]:
            return Leave(how, _term(value[0]) if value else None)
    raise ValueError(f"no such statement: {plain[0]}")


def _binds(module: str, pairs: list[list[str]], local: str, used: set[str] | None) -> tuple[tuple[str, str], ...]:
    """Local names that a kept statement uses, and what they stand for."""
    if used is not None and not used:
        return ()
    if pairs:
        stem = module if module.endswith(".") else f"{module}."
        return tuple([(own, stem + name) for name, own in pairs if (used is None or own in used) and name != "*"])
    first = module.partition(".")[0]
    bound = (local, module) if local else (first, first)
    return (bound,) if used is None or bound[0] in used else ()


def a_function(plain: Plain, kept: list[Plain]) -> Function:
    name, params, rest, defaults, _, named = plain
    return Function(
        name,
        tuple(params),
        rest,
        tuple([(param, _term(value)) for param, value in defaults]),
        _steps(kept, None),
        tuple(named),
    )

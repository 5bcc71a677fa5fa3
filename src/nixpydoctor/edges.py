"""What importing one file executes, as far as it decides whether an import fails: the nouns of the import walk.

Made by `formats/source.py`, interpreted by `imports`. The words are those of the language reference (statements and
expressions); everything that can neither import, open a library, nor decide about one of these is left out.
"""

from __future__ import annotations

from typing import Literal

from nixpydoctor.facts import FsPath
from nixpydoctor.light import dataclass


@dataclass(frozen=True, slots=True)
class Opening:
    """A `dlopen` written in Python code: no object declares it."""

    site: FsPath
    """The source file that opens."""
    names: tuple[str, ...]
    """In the order in which the code tries them; one that opens is enough."""
    line: int | None = None
    source: str = ""
    """Where we know it from: empty for the code itself, else the reference of the knowledge entry."""


@dataclass(frozen=True, slots=True)
class Term:
    """An expression: an operation over parts."""

    op: str
    """`text`, `const`, `name`, `attr`, `call`, `items`, `keyword`, `star`, `join`, `not`, `and`, `or`, `either`,
    `index`, `dict`, `class` (of exceptions, over its bases), an operator such as `==`, `in`, `+`, `/`; `opaque` for
    what the walk cannot use."""
    value: str | int | bool | None = None
    """The literal, or the name that a `name`, `attr` or `keyword` speaks of."""
    parts: tuple[Term, ...] = ()
    """Operands in source order; of a call, the callee first."""
    line: int = 0
    """Of a call, its line in the file."""


@dataclass(frozen=True, slots=True)
class Import:
    """`import module`, or `from module import names`."""

    module: str
    """With the leading dots of a relative import."""
    names: tuple[str, ...] = ()
    """Empty for a plain `import`."""
    binds: tuple[tuple[str, str], ...] = ()
    """Local name → what it stands for, dotted; only names that other kept statements use."""


@dataclass(frozen=True, slots=True)
class Bind:
    """An assignment to a name that another kept statement uses, or of a value that may open something."""

    name: str
    """Empty where the target is no plain name."""
    value: Term


@dataclass(frozen=True, slots=True)
class Run:
    """An expression evaluated for what it does."""

    value: Term


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`."""

    test: Term
    body: tuple[Step, ...]
    orelse: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Handler:
    """One `except` clause."""

    kinds: tuple[str, ...]
    """Class names without their modules; empty for a bare `except`. What begins with `with ` is no class: it names a
    context manager, and what that suppresses is caught."""
    name: str
    """The name that holds the exception, or empty."""
    body: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """`try`, or `with suppress(...)`."""

    body: tuple[Step, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Step, ...] = ()
    final: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """`for` over something; `while` has no target."""

    targets: tuple[str, ...]
    over: Term
    body: tuple[Step, ...]
    orelse: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Raise:
    """`raise`; without a value it raises again what is being handled."""

    value: Term | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """A jump out of a loop or a function."""

    how: Literal["break", "continue", "return"]
    value: Term | None = None


Step = Import | Bind | Run | Branch | Attempt | Loop | Raise | Leave


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the module, of a class or of another function that may be called while the module is imported."""

    name: str
    """`Class.method`; with the line behind an `@` where the name alone does not tell which is meant."""
    params: tuple[str, ...]
    """Positional parameters in order; `self` of a class is left out."""
    rest: str
    """The name that takes further positional arguments, or empty."""
    defaults: tuple[tuple[str, Term], ...]
    body: tuple[Step, ...]
    named: tuple[str, ...] = ()
    """Keyword-only parameters."""


@dataclass(frozen=True, slots=True)
class Source:
    """One Python source or compiled module, reduced to what it imports and opens."""

    body: tuple[Step, ...] = ()
    functions: tuple[Function, ...] = ()
    loose: bool = False
    """Whether this is only every import that may be executed: enough where each of them succeeds."""
    flags: tuple[str, ...] = ()
    """Of a loose one, names that tell how something went, or what the platform is."""

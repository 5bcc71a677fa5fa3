"""Python source → the statements that can import, open a library, or decide about one of these.

The language is that of the `ast` module; everything else is dropped. This file's own text, behind that of `expressions`
and of `definitions`, also runs inside the target, where the tool's Python is too old or too new for a source: so it is
valid for Python 3.6, imports only the standard library at its top, and its core makes plain lists (`edges` types are
built from them on the tool's side).
"""

import ast
import builtins
import json
import sys
import warnings
from typing import TYPE_CHECKING, Any, Callable, Iterator, List, Optional, Sequence

if __name__ != "__main__":
    from nixpydoctor.formats.definitions import YIELDED, Definitions, is_exception
    from nixpydoctor.formats.expressions import OPAQUE, OPERATORS, Plain, dotted
if TYPE_CHECKING:
    from nixpydoctor.edges import Source

RESOURCES = ("as_file", "path")
"""Functions of importlib.resources whose context managers give the path that they are about."""
HELD = "with "
"""Before the name of a context manager, where a handler's class would stand."""


class Lowering(Definitions):
    """Turns syntax into plain statements."""

    def __init__(self, offset: int, text: bytes) -> None:
        Definitions.__init__(self, offset, text)
        self.trying = 0

    # ── simple statements ─────────────────────────────────────────────────────────────────────────────────────────

    # ["import", module, [[name, local], ...], local]: no pairs for a plain import, which has a local name of its own
    # only where it is given one.

    def _do_import(self, node: Any) -> "Iterator[Plain]":
        for alias in node.names:
            yield ["import", alias.name, [], alias.asname or ""]

    def _do_importfrom(self, node: Any) -> "Iterator[Plain]":
        module = "." * (node.level or 0) + (node.module or "")
        if module != "__future__":
            yield ["import", module, [[alias.name, alias.asname or alias.name] for alias in node.names], ""]

    def _do_assign(self, node: Any) -> "Iterator[Plain]":
        value = self.term(node.value)
        for target in node.targets:
            if isinstance(target, (ast.Tuple, ast.List)) and value[0] == "items" and len(target.elts) == len(value[2]):
                for item, part in zip(target.elts, value[2]):
                    yield ["bind", self._target(item), part]
            elif isinstance(target, (ast.Tuple, ast.List)):
                for place, item in enumerate(target.elts):
                    yield ["bind", self._target(item), ["index", None, [value, ["const", place]]] if place else value]
            else:
                name = self._target(target)
                if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Attribute):
                    yield ["run", self.quiet(target.value)]  # `lib.function.argtypes = …` asks the library
                if self.trying and value[0] == "const" and (value[1] is None or isinstance(value[1], bool)):
                    self.names.add(name)  # it tells later, perhaps another module, how the `try` went
                yield ["bind", name, value]

    def _target(self, node: Any) -> str:
        """The name that is assigned to; empty where it is neither a plain one nor an attribute of `self`."""
        name = dotted(node)
        if "." not in name:
            if name and self.holder and not self.inside:
                name = self.attributes[name] = self.holder + "." + name
            elif self.inside:
                self.attributes.pop(name, None)
            return name
        return name if name == self.own + "." + name.rpartition(".")[2] else ""

    def _do_annassign(self, node: Any) -> "Iterator[Plain]":
        if node.value is not None:
            value = self.term(node.value)
            yield ["bind", self._target(node.target), value]

    def _do_augassign(self, node: Any) -> "Iterator[Plain]":
        if isinstance(node.target, ast.Name):
            op = OPERATORS.get(type(node.op).__name__)
            name = self.attributes.get(node.target.id, node.target.id)
            both = [["name", name], self.term(node.value)]
            yield ["bind", name, [op, None, both] if op else OPAQUE]

    def _do_expr(self, node: Any) -> "Iterator[Plain]":
        if isinstance(node.value, (ast.Yield, ast.YieldFrom)):
            self.yields = True
            how = "append" if isinstance(node.value, ast.Yield) else "extend"
            yield ["run", ["call", None, [["attr", how, [YIELDED]], self.term(node.value.value)], 0]]
            return
        value = self.term(node.value)
        if value[0] not in ("text", "const", "opaque"):
            yield ["run", value]

    def _do_assert(self, node: Any) -> "Iterator[Plain]":
        yield ["branch", self.term(node.test), [], [["raise", ["name", "AssertionError"]]]]

    def _do_raise(self, node: Any) -> "Iterator[Plain]":
        yield ["raise", self.term(node.exc)] if node.exc is not None else ["raise"]

    def _do_break(self, node: Any) -> "Iterator[Plain]":
        yield ["leave", "break"]

    def _do_continue(self, node: Any) -> "Iterator[Plain]":
        yield ["leave", "continue"]

    def _do_return(self, node: Any) -> "Iterator[Plain]":
        yield ["leave", "return", self.term(node.value)]

    # ── compound statements ───────────────────────────────────────────────────────────────────────────────────────

    def _do_if(self, node: Any) -> "Iterator[Plain]":
        yield ["branch", self.term(node.test), self._part(node.body), self._part(node.orelse)]

    def _do_match(self, node: Any) -> "Iterator[Plain]":
        subject = self.term(node.subject)
        plain = []  # type: List[Plain]
        for case in reversed(node.cases):
            test = self._pattern(subject, case.pattern)
            if case.guard is not None:
                test = ["and", None, [test, self.term(case.guard)]]
            plain = [["branch", test, self._part(case.body), plain]]
        yield plain[0]

    def _pattern(self, subject: "Plain", pattern: Any) -> "Plain":
        kind = type(pattern).__name__
        if kind == "MatchValue":
            return ["==", None, [subject, self.term(pattern.value)]]
        if kind == "MatchSingleton":
            return ["is", None, [subject, ["const", pattern.value]]]
        if kind == "MatchOr":
            return ["or", None, [self._pattern(subject, part) for part in pattern.patterns]]
        if kind == "MatchAs":
            return ["const", True] if pattern.pattern is None else self._pattern(subject, pattern.pattern)
        return OPAQUE

    def _do_try(self, node: Any) -> "Iterator[Plain]":
        self.trying += 1
        body = self._part(node.body)
        handlers = [[self._kinds(item.type), item.name or "", self._part(item.body)] for item in node.handlers]
        plain = ["try", body, handlers, self._part(node.orelse), self._part(node.finalbody)]
        self.trying -= 1
        yield plain

    _do_trystar = _do_try

    def _kinds(self, node: Any) -> List[str]:
        """Class names without their modules; one that may be a variable is read."""
        if node is None:
            return []
        items = node.elts if isinstance(node, ast.Tuple) else [node]
        self.names.update(item.id for item in items if isinstance(item, ast.Name) and not hasattr(builtins, item.id))
        return [dotted(item).rpartition(".")[2] or "?" for item in items]

    def _do_with(self, node: Any) -> "Iterator[Plain]":
        kinds = []  # type: List[str]
        for item in node.items:
            held = item.context_expr
            if isinstance(held, ast.Call) and held.args and all(is_exception(item) for item in held.args):
                kinds.extend(kind for argument in held.args for kind in self._kinds(argument))
            elif isinstance(held, ast.Call):
                target = item.optional_vars
                if isinstance(target, ast.Name) and dotted(held.func).rpartition(".")[2] in RESOURCES:
                    yield ["bind", target.id, self.term(held)]
                else:
                    yield ["run", self.term(held)]
            elif isinstance(held, ast.Name):
                self.names.add(held.id)
                kinds.append(HELD + held.id)
        body = self._part(node.body)
        if kinds:
            yield ["try", body, [[kinds, "", []]], [], []]
        else:
            for step in body:
                yield step

    def _do_for(self, node: Any) -> "Iterator[Plain]":
        target = node.target
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        targets = [item.id if isinstance(item, ast.Name) else "" for item in names]
        yield ["loop", targets, self.term(node.iter), self._part(node.body), self._part(node.orelse)]

    def _do_while(self, node: Any) -> "Iterator[Plain]":
        yield ["loop", [], self.term(node.test), self._part(node.body), self._part(node.orelse)]


def lowered(text: bytes, offset: int = 0) -> List[Any]:
    """Module body, functions, and the names that are read. `offset` is the line before the text's first.

    Raises SyntaxError, RecursionError or MemoryError for what this Python cannot parse.
    """
    try:
        tree = ast.parse(text)
    except ValueError as error:  # a NUL, until Python 3.12
        raise SyntaxError(str(error)) from None
    lowering = Lowering(offset, text)
    return [lowering.block(tree.body), lowering.made, sorted(lowering.names)]


def parse(data: bytes, exact: bool = True) -> "Optional[Source]":
    """What importing this source executes; None where this Python cannot parse it. Not `exact`: loosely will do."""
    from nixpydoctor.formats.reading import read

    return read(data, exact)


def compiled(read: Callable[[int, int], bytes], size: int) -> "Source":
    """What a compiled module imports from C when it is imported, as far as its strings tell."""
    from nixpydoctor.formats.compiled import imported

    return imported(read, size)


def main(paths: Sequence[str]) -> None:
    """In the target: one line of JSON for each path, its lowered source, or null where it cannot be parsed."""
    warnings.simplefilter("ignore")
    for path in paths:
        try:
            with open(path, "rb") as file:
                answer = lowered(file.read())  # type: Optional[List[Any]]
        except (OSError, SyntaxError, RecursionError, MemoryError):
            answer = None
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

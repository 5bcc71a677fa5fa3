"""Python source → the statements that can import, open a library, or decide about one of these.

The language is that of the `ast` module; everything else is dropped. This file's own text, behind that of
`formats/expressions.py`, also runs inside the target, where the tool's Python is too old or too new for a source: so it
is valid for Python 3.6, imports only the standard library at its top, and its core makes plain lists (`edges` types
are built from them on the tool's side).
"""

import ast
import builtins
import json
import sys
import warnings
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Optional, Sequence

if __name__ != "__main__":
    from nixpydoctor.formats.expressions import OPAQUE, OPENERS, OPERATORS, Expressions, Plain, dotted, opens
if TYPE_CHECKING:
    from nixpydoctor.edges import Source

_YIELDED = ["name", "yield"]  # type: List[Any]
HELD = "with "
"""Before the name of a context manager, where a handler's class would stand."""


class Lowering(Expressions):
    """Turns syntax into plain statements; functions and methods that it meets are put aside."""

    def __init__(self, offset: int) -> None:
        Expressions.__init__(self, offset)
        self.made = []  # type: List[Plain]
        """Functions: `[name, parameters, rest, defaults, body, named parameters]`."""
        self.holder = ""
        """The class at hand, as the module knows it."""
        self.inside = 0
        """Functions around the statement at hand."""
        self.under = 0
        """Statements around it of which it is a part, up to the module's or the function's own."""
        self.trying = 0
        self.yields = False

    def block(self, nodes: Sequence[Any]) -> "List[Plain]":
        """The statements of one block, in order."""
        out = []  # type: List[Plain]
        for node in nodes:
            make = getattr(self, "_do_" + type(node).__name__.lower(), None)
            if make is not None:
                out.extend(make(node))
        return out

    def _part(self, nodes: Sequence[Any]) -> "List[Plain]":
        """The statements of a block that is part of another statement."""
        self.under += 1
        out = self.block(nodes)
        self.under -= 1
        return out

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
            yield ["run", ["call", None, [["attr", how, [_YIELDED]], self.term(node.value.value)], 0]]
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
            if isinstance(held, ast.Call) and held.args and all(_is_exception(item) for item in held.args):
                kinds.extend(kind for argument in held.args for kind in self._kinds(argument))
            elif isinstance(held, ast.Call):
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

    # ── definitions ───────────────────────────────────────────────────────────────────────────────────────────────

    def _known_as(self, node: Any) -> str:
        """What the module calls a definition: below its class, and by its line where another may take its place."""
        name = self.holder + "." + node.name if self.holder else str(node.name)
        return name + "@" + str(self.offset + node.lineno) if self.under else name

    def _evaluated(self, node: Any, expressions: Sequence[Any]) -> "Iterator[Plain]":
        """What a definition executes itself: its decorators, its defaults, its bases."""
        for decorator in node.decorator_list:
            if opens(decorator):
                yield ["run", self.term(decorator)]
            elif isinstance(decorator, (ast.Name, ast.Call)):
                call = self.quiet(decorator)
                yield ["run", call if call[0] == "call" else ["call", None, [call], self.offset + node.lineno]]
        for expression in expressions:
            if opens(expression):
                yield ["run", self.term(expression)]

    def _do_functiondef(self, node: Any) -> "Iterator[Plain]":
        defaults = [item for item in node.args.defaults + node.args.kw_defaults if item is not None]
        for step in self._evaluated(node, defaults):
            yield step
        if self.inside:
            if opens(node) or any(isinstance(inner, (ast.Import, ast.ImportFrom)) for inner in ast.walk(node)):
                self._put_aside(node)
            return
        name = self._known_as(node)
        self.made.append(self._function(node, name, {}))
        if name != node.name and not self.holder:
            yield ["bind", node.name, ["name", name]]

    def _put_aside(self, node: Any) -> None:
        """A function of a function: from here on its name means, there and in itself, the one of that line."""
        name = self.attributes[node.name] = node.name + "@" + str(self.offset + node.lineno)
        holder, self.holder = self.holder, ""
        self.made.append(self._function(node, name, self.attributes))
        self.holder = holder

    def _function(self, node: Any, name: str, known: "Dict[str, str]") -> "Plain":
        """A function of the module, or a method without its first parameter; `known`: functions around it."""
        attributes, under, yields, own = self.attributes, self.under, self.yields, self.own
        arguments = node.args
        bound = [item.arg for item in ast.walk(arguments) if isinstance(item, ast.arg)]
        self.attributes = {local: other for local, other in known.items() if local not in bound}
        self.under, self.yields, self.inside = 0, False, self.inside + 1
        positional = [item.arg for item in getattr(arguments, "posonlyargs", []) + arguments.args]
        named = [item.arg for item in arguments.kwonlyargs]
        defaults = list(zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults))
        defaults += [pair for pair in zip(named, arguments.kw_defaults) if pair[1] is not None]
        rest = arguments.vararg.arg if arguments.vararg else ""
        plain = [[name, self.term(value)] for name, value in defaults]
        if self.holder and positional and "staticmethod" not in [dotted(one) for one in node.decorator_list]:
            self.own = positional.pop(0)
        body = self.block(node.body)
        if self.yields:
            # A generator is the list of what it yields: nobody here leaves one half way.
            body = [["bind", _YIELDED[1], ["items", None, []]], *body, ["leave", "return", _YIELDED]]
        self.attributes, self.under, self.yields, self.own = attributes, under, yields, own
        self.inside -= 1
        return [name, positional, rest, plain, body, named]

    def _do_classdef(self, node: Any) -> "Iterator[Plain]":
        for step in self._evaluated(node, node.bases):
            yield step
        if self.inside:
            around, self.attributes = self.attributes, dict(self.attributes)
            for step in self.block(node.body):
                yield step
            self.attributes = around
            return
        name = self._known_as(node)
        outer = self.holder, self.attributes, self.methods, self.under
        self.holder, self.attributes, self.under = name, {}, 0
        self.methods = {item.name: name + "." + item.name for item in node.body if isinstance(item, ast.FunctionDef)}
        before = len(self.made)
        for step in self.block(node.body):
            yield step
        self.holder, self.attributes, self.methods, self.under = outer
        for step in self._as_called(node, name, self.made[before:]):
            yield step

    def _as_called(self, node: Any, name: str, methods: "List[Plain]") -> "Iterator[Plain]":
        """What the name of a class stands for: its constructor, what it inherits from, a class of exceptions."""
        bases = [self.quiet(base) for base in node.bases if dotted(base)]
        constructors = [made for made in methods if made[0] == name + ".__init__"]
        if not constructors and any(base[1] in OPENERS for base in bases):
            yield ["bind", node.name, bases[0]]
        elif bases and any(_is_exception(base) for base in node.bases):
            yield ["bind", node.name, ["class", node.name, bases]]
        elif methods:
            for made in constructors[-1:]:
                made[0] = name
                made[4] = made[4] + [["leave", "return", OPAQUE]]
            if not constructors:
                self.made.append([name, [], "", [], [["leave", "return", OPAQUE]], []])
            if name != node.name:
                yield ["bind", node.name, ["name", name]]


def _is_exception(node: Any) -> bool:
    """A class by its name: `suppress(ImportError)`, and every home-made context manager that is given one."""
    return dotted(node).endswith(("Error", "Exception"))


def lowered(text: bytes, offset: int = 0) -> List[Any]:
    """Module body, functions, and the names that are read. `offset` is the line before the text's first.

    Raises SyntaxError, RecursionError or MemoryError for what this Python cannot parse.
    """
    try:
        tree = ast.parse(text)
    except ValueError as error:  # a NUL, until Python 3.12
        raise SyntaxError(str(error)) from None
    lowering = Lowering(offset)
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

"""Python functions and classes → what defining them executes, and their bodies put aside for whoever calls them.

Shares its text with `formats/source.py`, which runs inside the target too: valid for Python 3.6, standard library only.
"""

import ast
from typing import Any, Dict, Iterator, List, Sequence

if __name__ != "__main__":
    from nixpydoctor.formats.expressions import OPAQUE, OPENERS, Expressions, Plain, dotted

YIELDED = ["name", "yield"]  # type: List[Any]
"""The name of what a generator has yielded so far."""


class Definitions(Expressions):
    """Turns blocks into plain statements; the functions and methods that they define are put aside."""

    def __init__(self, offset: int, text: bytes) -> None:
        Expressions.__init__(self, offset, text)
        self.made = []  # type: List[Plain]
        """Functions: `[name, parameters, rest, defaults, body, named parameters]`."""
        self.holder = ""
        """The class at hand, as the module knows it."""
        self.inside = 0
        """Functions around the statement at hand."""
        self.under = 0
        """Statements around it of which it is a part, up to the module's or the function's own."""
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

    def _known_as(self, node: Any) -> str:
        """What the module calls a definition: below its class, and by its line where another may take its place."""
        name = self.holder + "." + node.name if self.holder else str(node.name)
        return name + "@" + str(self.offset + node.lineno) if self.under else name

    def _evaluated(self, node: Any, expressions: Sequence[Any]) -> "Iterator[Plain]":
        """What a definition executes itself: its decorators, its defaults, its bases."""
        for decorator in node.decorator_list:
            if self.acts(decorator):
                yield ["run", self.term(decorator)]
            elif isinstance(decorator, (ast.Name, ast.Call)):
                call = self.quiet(decorator)
                yield ["run", call if call[0] == "call" else ["call", None, [call], self.offset + node.lineno]]
        for expression in expressions:
            if self.acts(expression):
                yield ["run", self.term(expression)]

    def _do_functiondef(self, node: Any) -> "Iterator[Plain]":
        defaults = [item for item in node.args.defaults + node.args.kw_defaults if item is not None]
        for step in self._evaluated(node, defaults):
            yield step
        if self.inside:
            if self.acts(node, imports=True):
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
        bound = [item.arg for item in ast.walk(arguments) if isinstance(item, ast.arg)] if known else []
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
            body = [["bind", YIELDED[1], ["items", None, []]], *body, ["leave", "return", YIELDED]]
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
        elif bases and any(is_exception(base) for base in node.bases):
            yield ["bind", node.name, ["class", node.name, bases]]
        elif methods:
            for made in constructors[-1:]:
                made[0] = name
                made[4] = made[4] + [["leave", "return", OPAQUE]]
            if not constructors:
                self.made.append([name, [], "", [], [["leave", "return", OPAQUE]], []])
            if name != node.name:
                yield ["bind", node.name, ["name", name]]


def is_exception(node: Any) -> bool:
    """A class by its name: `suppress(ImportError)`, and every home-made context manager that is given one."""
    return dotted(node).endswith(("Error", "Exception"))

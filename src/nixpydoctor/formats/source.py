"""Python source → the statements that can import, open a library, or decide about one of these.

The language is that of the `ast` module; everything else is dropped. This file's own text also runs inside the target,
where the tool's Python is too old or too new for a source: so it is valid for Python 3.6, imports only the standard
library at its top, and its core makes plain lists (`edges` types are built from them here, on the tool's side).
"""

import ast
import json
import sys
import warnings
from typing import TYPE_CHECKING, Any, Callable, FrozenSet, Iterator, List, Optional, Sequence, Set  # noqa: F401 - Set: in a type comment

if TYPE_CHECKING:
    from nixpydoctor.edges import Source

Plain = List[Any]

OPENERS = frozenset({"CDLL", "PyDLL", "LoadLibrary", "dlopen", "find_library", "import_module", "__import__", "FFI"})
"""Callees that import or open, whatever they are an attribute of."""

_OPAQUE = ["opaque"]  # type: Plain
_YIELDED = ["name", "yield"]  # type: Plain
_OPERATORS = {
    "Add": "+", "Sub": "-", "Mult": "*", "Mod": "%", "Div": "/", "Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=",
    "Gt": ">", "GtE": ">=", "In": "in", "NotIn": "not in", "Is": "is", "IsNot": "is not", "And": "and", "Or": "or",
    "Not": "not",
}  # fmt: skip
_LIMIT = 400
"""Literal collections longer than this name no libraries."""


def dotted(node: Any) -> str:
    """`a.b.c` for a chain of attributes of a name, else an empty string."""
    parts = []  # type: List[str]
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


class Lowering:
    """Turns syntax into plain statements. `functions` are those of the module: a decorator may call one."""

    def __init__(self, offset: int, functions: FrozenSet[str]) -> None:
        self.offset = offset
        self.functions = functions
        self.names = set()  # type: Set[str]
        self.own = ""
        """What a constructor calls its object."""
        self.trying = 0
        self.yields = False

    # ── expressions: [op, value, parts, line] with trailing defaults left out ─────────────────────────────────────

    def term(self, node: Any) -> Plain:
        """The expression, or `opaque` where the walk can make nothing of it."""
        if node is None:
            return ["const", None]
        make = getattr(self, "_" + type(node).__name__.lower(), None)
        return make(node) if make is not None else _OPAQUE

    def _terms(self, op: str, nodes: Sequence[Any], value: Any = None) -> Plain:
        parts = [self.term(node) for node in nodes]
        return [op, value, parts] if any(part is not _OPAQUE for part in parts) or not parts else _OPAQUE

    def _constant(self, node: Any) -> Plain:
        return self._literal(node.value)

    def _literal(self, value: Any) -> Plain:
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str):
            return ["text", value]
        return ["const", value] if value is None or (isinstance(value, int) and abs(value) < 1 << 62) else _OPAQUE

    # Until Python 3.8 a literal's class told its type.
    def _str(self, node: Any) -> Plain:
        return self._literal(node.s)

    _bytes = _str

    def _num(self, node: Any) -> Plain:
        return self._literal(node.n)

    def _nameconstant(self, node: Any) -> Plain:
        return self._literal(node.value)

    def _name(self, node: Any) -> Plain:
        self.names.add(node.id)
        return ["name", node.id]

    def _attribute(self, node: Any) -> Plain:
        if self.own and isinstance(node.value, ast.Name) and node.value.id == self.own:
            return self._name(ast.Name(self.own + "." + node.attr, ast.Load()))
        inner = self.term(node.value)
        return ["attr", node.attr, [inner]]

    def _call(self, node: Any) -> Plain:
        arguments = [self.term(argument) for argument in node.args]
        named = [["keyword", item.arg, [self.term(item.value)]] for item in node.keywords if item.arg]
        return ["call", None, [self.term(node.func), *arguments, *named], self.offset + node.lineno]

    def _joinedstr(self, node: Any) -> Plain:
        return self._terms("join", node.values)

    def _formattedvalue(self, node: Any) -> Plain:
        return self.term(node.value) if node.format_spec is None and node.conversion in (-1, 115) else _OPAQUE

    def _binop(self, node: Any) -> Plain:
        op = _OPERATORS.get(type(node.op).__name__)
        return self._terms(op, [node.left, node.right]) if op else _OPAQUE

    def _boolop(self, node: Any) -> Plain:
        return self._terms(_OPERATORS[type(node.op).__name__], node.values)

    def _unaryop(self, node: Any) -> Plain:
        if isinstance(node.op, ast.USub):
            inner = self.term(node.operand)
            return ["const", -inner[1]] if inner[0] == "const" and isinstance(inner[1], int) else _OPAQUE
        return self._terms("not", [node.operand]) if isinstance(node.op, ast.Not) else _OPAQUE

    def _compare(self, node: Any) -> Plain:
        op = _OPERATORS.get(type(node.ops[0]).__name__)
        return self._terms(op, [node.left, node.comparators[0]]) if op and len(node.ops) == 1 else _OPAQUE

    def _ifexp(self, node: Any) -> Plain:
        return self._terms("either", [node.test, node.body, node.orelse])

    def _tuple(self, node: Any) -> Plain:
        return ["items", None, [self.term(item) for item in node.elts]] if len(node.elts) <= _LIMIT else _OPAQUE

    _list = _set = _tuple

    def _dict(self, node: Any) -> Plain:
        if len(node.keys) > _LIMIT or any(key is None for key in node.keys):
            return _OPAQUE
        return ["dict", None, [self.term(item) for pair in zip(node.keys, node.values) for item in pair]]

    def _subscript(self, node: Any) -> Plain:
        key = getattr(node.slice, "value", node.slice) if type(node.slice).__name__ == "Index" else node.slice
        if isinstance(key, ast.Slice):
            return self._terms("slice", [node.value, key.lower, key.upper]) if key.step is None else _OPAQUE
        return self._terms("index", [node.value, key])

    def _starred(self, node: Any) -> Plain:
        return ["star", None, [self.term(node.value)]]

    def _listcomp(self, node: Any) -> Plain:
        first = node.generators[0]
        if len(node.generators) > 1 or first.ifs or not isinstance(first.target, ast.Name):
            return _OPAQUE
        return ["each", first.target.id, [self.term(node.elt), self.term(first.iter)]]

    _generatorexp = _setcomp = _listcomp

    def _namedexpr(self, node: Any) -> Plain:
        return ["walrus", node.target.id, [self.term(node.value)]]

    # ── statements ────────────────────────────────────────────────────────────────────────────────────────────────

    def block(self, nodes: Sequence[Any]) -> List[Plain]:
        """The statements of one block, in order."""
        out = []  # type: List[Plain]
        for node in nodes:
            make = getattr(self, "_do_" + type(node).__name__.lower(), None)
            if make is not None:
                out.extend(make(node))
        return out

    # ["import", module, [[name, local], ...], local]: no pairs for a plain import, which has a local name of its own
    # only where it is given one.

    def _do_import(self, node: Any) -> Iterator[Plain]:
        for alias in node.names:
            yield ["import", alias.name, [], alias.asname or ""]

    def _do_importfrom(self, node: Any) -> Iterator[Plain]:
        module = "." * (node.level or 0) + (node.module or "")
        if module != "__future__":
            yield ["import", module, [[alias.name, alias.asname or alias.name] for alias in node.names], ""]

    def _do_assign(self, node: Any) -> Iterator[Plain]:
        value = self.term(node.value)
        for target in node.targets:
            if isinstance(target, (ast.Tuple, ast.List)) and value[0] == "items" and len(target.elts) == len(value[2]):
                for item, part in zip(target.elts, value[2]):
                    yield ["bind", item.id if isinstance(item, ast.Name) else "", part]
            elif isinstance(target, (ast.Tuple, ast.List)):
                names = [item.id if isinstance(item, ast.Name) else "" for item in target.elts]
                for place, name in enumerate(names):
                    yield ["bind", name, ["index", None, [value, ["const", place]]] if place else value]
            else:
                name = self._target(target)
                if self.trying and value[0] == "const" and (value[1] is None or isinstance(value[1], bool)):
                    self.names.add(name)  # it tells later, perhaps another module, how the `try` went
                yield ["bind", name, value]

    def _target(self, node: Any) -> str:
        """The name that is assigned to; empty where it is neither a plain one nor an attribute of `self`."""
        name = dotted(node)
        return name if "." not in name or name == self.own + "." + name.rpartition(".")[2] else ""

    def _do_annassign(self, node: Any) -> Iterator[Plain]:
        if node.value is not None:
            yield ["bind", node.target.id if isinstance(node.target, ast.Name) else "", self.term(node.value)]

    def _do_augassign(self, node: Any) -> Iterator[Plain]:
        if isinstance(node.target, ast.Name):
            op = _OPERATORS.get(type(node.op).__name__)
            both = [["name", node.target.id], self.term(node.value)]
            yield ["bind", node.target.id, [op, None, both] if op else _OPAQUE]

    def _do_expr(self, node: Any) -> Iterator[Plain]:
        if isinstance(node.value, (ast.Yield, ast.YieldFrom)):
            self.yields = True
            how = "append" if isinstance(node.value, ast.Yield) else "extend"
            yield ["run", ["call", None, [["attr", how, [_YIELDED]], self.term(node.value.value)], 0]]
            return
        value = self.term(node.value)
        if value[0] not in ("text", "const", "opaque"):
            yield ["run", value]

    def _do_if(self, node: Any) -> Iterator[Plain]:
        yield ["branch", self.term(node.test), self.block(node.body), self.block(node.orelse)]

    def _do_assert(self, node: Any) -> Iterator[Plain]:
        yield ["branch", self.term(node.test), [], [["raise", ["name", "AssertionError"]]]]

    def _do_try(self, node: Any) -> Iterator[Plain]:
        self.trying += 1
        handlers = [[_kinds(item.type), item.name or "", self.block(item.body)] for item in node.handlers]
        plain = ["try", self.block(node.body), handlers, self.block(node.orelse), self.block(node.finalbody)]
        self.trying -= 1
        yield plain

    _do_trystar = _do_try

    def _do_with(self, node: Any) -> Iterator[Plain]:
        kinds = []  # type: List[str]
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and call.args and all(_is_exception(item) for item in call.args):
                kinds.extend(kind for argument in call.args for kind in _kinds(argument))
            elif isinstance(call, ast.Call):
                yield ["run", self.term(call)]
        body = self.block(node.body)
        if kinds:
            yield ["try", body, [[kinds, "", []]], [], []]
        else:
            for step in body:
                yield step

    def _do_for(self, node: Any) -> Iterator[Plain]:
        target = node.target
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        targets = [item.id if isinstance(item, ast.Name) else "" for item in names]
        yield ["loop", targets, self.term(node.iter), self.block(node.body), self.block(node.orelse)]

    def _do_while(self, node: Any) -> Iterator[Plain]:
        yield ["loop", [], self.term(node.test), self.block(node.body), self.block(node.orelse)]

    def _do_raise(self, node: Any) -> Iterator[Plain]:
        yield ["raise", self.term(node.exc)] if node.exc is not None else ["raise"]

    def _do_break(self, node: Any) -> Iterator[Plain]:
        yield ["leave", "break"]

    def _do_continue(self, node: Any) -> Iterator[Plain]:
        yield ["leave", "continue"]

    def _do_return(self, node: Any) -> Iterator[Plain]:
        yield ["leave", "return", self.term(node.value)]

    def _do_classdef(self, node: Any) -> Iterator[Plain]:
        for step in self.block(node.body):
            yield step

    def _do_functiondef(self, node: Any) -> Iterator[Plain]:
        for decorator in node.decorator_list:
            if dotted(decorator.func if isinstance(decorator, ast.Call) else decorator) in self.functions:
                call = self.term(decorator)
                yield [
                    "run",
                    call if call[0] == "call" else ["call", None, [call], self.offset + node.lineno],
                ]

    def function(self, node: Any) -> Plain:
        """A module-level function with its parameters."""
        arguments = node.args
        positional = [item.arg for item in getattr(arguments, "posonlyargs", []) + arguments.args]
        named = [item.arg for item in arguments.kwonlyargs]
        defaults = list(zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults))
        defaults += [pair for pair in zip(named, arguments.kw_defaults) if pair[1] is not None]
        rest = arguments.vararg.arg if arguments.vararg else ""
        plain = [[name, self.term(value)] for name, value in defaults]
        self.yields = False
        body = self.block(node.body)
        if self.yields:
            # A generator is the list of what it yields: nobody here leaves one half way.
            body = [["bind", _YIELDED[1], ["items", None, []]], *body, ["leave", "return", _YIELDED]]
        return [node.name, positional, rest, plain, body, named]

    def constructor(self, node: Any) -> Optional[Plain]:
        """The `__init__` of a class as a function of the class's name; attributes of `self` are names in it."""
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and inner.name == "__init__" and inner.args.args:
                self.own = inner.args.args[0].arg
                made = self.function(inner)
                self.own = ""
                body = made[4] + [["leave", "return", _OPAQUE]]
                return [node.name, made[1][1:], made[2], made[3], body, made[5]]
        return None


def _is_exception(node: Any) -> bool:
    """A class by its name: `suppress(ImportError)`, and every home-made context manager that is given one."""
    return dotted(node).endswith(("Error", "Exception"))


def _kinds(node: Any) -> List[str]:
    if node is None:
        return []
    items = node.elts if isinstance(node, ast.Tuple) else [node]
    return [dotted(item).rpartition(".")[2] or "?" for item in items]


def lowered(text: bytes, offset: int = 0) -> List[Any]:
    """Module body, functions, and the names that are read. `offset` is the line before the text's first.

    Raises SyntaxError, RecursionError or MemoryError for what this Python cannot parse.
    """
    try:
        tree = ast.parse(text)
    except ValueError as error:  # a NUL, until Python 3.12
        raise SyntaxError(str(error)) from None
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    lowering = Lowering(offset, frozenset(node.name for node in found))
    made = [lowering.function(node) for node in found]
    for node in tree.body:
        plain = lowering.constructor(node) if isinstance(node, ast.ClassDef) else None
        if plain is not None:
            made.append(plain)
    return [lowering.block(tree.body), made, sorted(lowering.names)]


def parse(data: bytes) -> "Optional[Source]":
    """What importing this source executes; None where this Python cannot parse it."""
    from nixpydoctor.formats.reduced import read

    return read(data)


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

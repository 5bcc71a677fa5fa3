"""Python expressions → plain lists: operations over parts, as far as the import walk can make something of them.

Shares its text with `formats/source.py`, which runs inside the target too: valid for Python 3.6, standard library only.
"""

import ast
from typing import Any, Callable, Dict, List, Sequence, Set  # noqa: F401 - some in type comments

Plain = List[Any]

OPENERS = frozenset({"CDLL", "PyDLL", "LoadLibrary", "dlopen", "find_library", "import_module", "__import__", "FFI"})
"""Callees that import or open, whatever they are an attribute of."""

OPAQUE = ["opaque"]  # type: Plain
OPERATORS = {
    "Add": "+", "Sub": "-", "Mult": "*", "Mod": "%", "Div": "/", "Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=",
    "Gt": ">", "GtE": ">=", "In": "in", "NotIn": "not in", "Is": "is", "IsNot": "is not", "And": "and", "Or": "or",
    "Not": "not",
}  # fmt: skip
_MAKERS = {}  # type: Dict[Any, str]
"""Class of a node → the method that makes a term of it: asked for every node of thousands of sources."""
_LIMIT = 400
"""Literal collections longer than this name no libraries."""


def dotted(node: Any) -> str:
    """`a.b.c` for a chain of attributes of a name, else an empty string."""
    parts = []  # type: List[str]
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


class Expressions:
    """Turns expressions into `[op, value, parts, line]`, trailing defaults left out."""

    def __init__(self, offset: int, text: bytes) -> None:
        self.offset = offset
        self.speaks = any(word.encode() in text for word in OPENERS)
        """Whether any of those callees is named at all."""
        self.imports = b"import" in text
        self.names = set()  # type: Set[str]
        """Every name that is read."""
        self.own = ""
        """What a method calls its object."""
        self.methods = {}  # type: Dict[str, str]
        """Methods of that object's class, each with the name by which it is kept as a function."""
        self.attributes = {}  # type: Dict[str, str]
        """What the class body at hand has bound so far, each with the name by which the module knows it."""

    def quiet(self, node: Any) -> Plain:
        """The same, but its names need not be known: it matters only where it is kept for another reason."""
        names, self.names = self.names, set()
        plain = self.term(node)
        self.names = names
        return plain

    def term(self, node: Any) -> Plain:
        """The expression, or `opaque` where the walk can make nothing of it."""
        if node is None:
            return ["const", None]
        kind = type(node)
        if kind not in _MAKERS:
            name = "_" + kind.__name__.lower()
            _MAKERS[kind] = name if hasattr(self, name) else "_opaque"
        make = getattr(self, _MAKERS[kind])  # type: Callable[[Any], Plain]
        return make(node)

    def _opaque(self, node: Any) -> Plain:
        return OPAQUE

    def acts(self, node: Any, imports: bool = False) -> bool:
        """Whether an expression or a statement names one of those callees; with `imports` also, whether it imports."""
        if not self.speaks and not (imports and self.imports):
            return False
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute):
                if inner.attr in OPENERS:
                    return True
            elif isinstance(inner, ast.Name):
                if inner.id in OPENERS:
                    return True
            elif imports and isinstance(inner, (ast.Import, ast.ImportFrom)):
                return True
        return False

    def _terms(self, op: str, nodes: Sequence[Any], value: Any = None) -> Plain:
        parts = [self.term(node) for node in nodes]
        return [op, value, parts] if any(part is not OPAQUE for part in parts) or not parts else OPAQUE

    def _constant(self, node: Any) -> Plain:
        return self._literal(node.value)

    def _literal(self, value: Any) -> Plain:
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str):
            return ["text", value]
        return ["const", value] if value is None or (isinstance(value, int) and abs(value) < 1 << 62) else OPAQUE

    # Until Python 3.8 a literal's class told its type.
    def _str(self, node: Any) -> Plain:
        return self._literal(node.s)

    _bytes = _str

    def _num(self, node: Any) -> Plain:
        return self._literal(node.n)

    def _nameconstant(self, node: Any) -> Plain:
        return self._literal(node.value)

    def _name(self, node: Any) -> Plain:
        name = self.attributes.get(node.id, node.id)
        self.names.add(name)
        return ["name", name]

    def _attribute(self, node: Any) -> Plain:
        if self.own and isinstance(node.value, ast.Name) and node.value.id == self.own:
            name = self.methods.get(node.attr, self.own + "." + node.attr)
            self.names.add(name)
            return ["name", name]
        inner = self.term(node.value)
        return ["attr", node.attr, [inner]]

    def _call(self, node: Any) -> Plain:
        arguments = [self.term(argument) for argument in node.args]
        named = [["keyword", item.arg, [self.term(item.value)]] for item in node.keywords if item.arg]
        return ["call", None, [self.term(node.func), *arguments, *named], self.offset + node.lineno]

    def _joinedstr(self, node: Any) -> Plain:
        return self._terms("join", node.values)

    def _formattedvalue(self, node: Any) -> Plain:
        return self.term(node.value) if node.format_spec is None and node.conversion in (-1, 115) else OPAQUE

    def _binop(self, node: Any) -> Plain:
        op = OPERATORS.get(type(node.op).__name__)
        return self._terms(op, [node.left, node.right]) if op else OPAQUE

    def _boolop(self, node: Any) -> Plain:
        return self._terms(OPERATORS[type(node.op).__name__], node.values)

    def _unaryop(self, node: Any) -> Plain:
        if isinstance(node.op, ast.USub):
            inner = self.term(node.operand)
            return ["const", -inner[1]] if inner[0] == "const" and isinstance(inner[1], int) else OPAQUE
        return self._terms("not", [node.operand]) if isinstance(node.op, ast.Not) else OPAQUE

    def _compare(self, node: Any) -> Plain:
        op = OPERATORS.get(type(node.ops[0]).__name__)
        return self._terms(op, [node.left, node.comparators[0]]) if op and len(node.ops) == 1 else OPAQUE

    def _ifexp(self, node: Any) -> Plain:
        return self._terms("either", [node.test, node.body, node.orelse])

    def _tuple(self, node: Any) -> Plain:
        return ["items", None, [self.term(item) for item in node.elts]] if len(node.elts) <= _LIMIT else OPAQUE

    _list = _set = _tuple

    def _dict(self, node: Any) -> Plain:
        if len(node.keys) > _LIMIT or any(key is None for key in node.keys):
            return OPAQUE
        return ["dict", None, [self.term(item) for pair in zip(node.keys, node.values) for item in pair]]

    def _subscript(self, node: Any) -> Plain:
        key = getattr(node.slice, "value", node.slice) if type(node.slice).__name__ == "Index" else node.slice
        if isinstance(key, ast.Slice):
            return self._terms("slice", [node.value, key.lower, key.upper]) if key.step is None else OPAQUE
        return self._terms("index", [node.value, key])

    def _starred(self, node: Any) -> Plain:
        return ["star", None, [self.term(node.value)]]

    def _listcomp(self, node: Any) -> Plain:
        first = node.generators[0]
        if len(node.generators) > 1 or first.ifs or not isinstance(first.target, ast.Name):
            return OPAQUE
        return ["each", first.target.id, [self.term(node.elt), self.term(first.iter)]]

    _generatorexp = _setcomp = _listcomp

    def _namedexpr(self, node: Any) -> Plain:
        return ["walrus", node.target.id, [self.term(node.value)]]

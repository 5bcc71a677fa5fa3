"""Python source → the statements that matter to an import: what is kept, and that nothing else is taken for code."""

from __future__ import annotations

import ast
import json
import subprocess
import sysconfig
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from build import a_source
from nixpydoctor.edges import Attempt, Bind, Branch, Function, Import, Leave, Loop, Raise, Run, Source, Step, Term
from nixpydoctor.formats import source as module
from nixpydoctor.formats.glance import glance
from nixpydoctor.formats.source import lowered, parse
from nixpydoctor.probes.sources import script
from probes.making import pythons

TEXT = Path(module.__file__)


def imports(steps: Iterable[Step], certain: bool = True) -> Iterator[str]:
    """Every import statement in order, `?` before one that something else decides about."""
    for step in steps:
        match step:
            case Import(name, names):
                yield f"{'' if certain else '?'}{name}{':' if names else ''}{','.join(names)}"
            case Branch(Term("==", None, (Term("name", "__name__"), _)), _, orelse):
                yield from imports(orelse, False)
            case Branch(test, body, orelse):
                yield from imports(body, certain and test == Term("const", 1))
                yield from imports(orelse, False)
            case Attempt(body, handlers, orelse, final):
                yield from imports(body, False)
                for handler in handlers:
                    yield from imports(handler.body, False)
                yield from imports(orelse, False)
                yield from imports(final, certain)
            case Loop(_, _, body, orelse):
                yield from imports((*body, *orelse), False)


def told(data: bytes) -> list[str] | None:
    source = parse(data)
    return None if source is None else list(imports(source.body))


ROWS: dict[str, tuple[str | bytes, list[str] | None]] = {
    "nothing": ("", []),
    "a comment alone": ("# import a", []),
    "no newline at the end": ("import a", ["a"]),
    "several in one statement": ("import a, b.c as d", ["a", "b.c"]),
    "names of a module": ("from a.b import c, d as e", ["a.b:c,d"]),
    "every name": ("from a import *", ["a:*"]),
    "relative": ("from . import a\nfrom ..b import c\nfrom ... import d", [".:a", "..b:c", "...:d"]),
    "the future is none": ("from __future__ import annotations\nimport a", ["a"]),
    "semicolons": ("import a; import b\nfrom c import d; x = 1", ["a", "b", "c:d"]),
    "parentheses": ("from a import (  # two\n    b,\n    c,  # (\n)\nimport d", ["a:b,c", "d"]),
    "parentheses in the first column": ("from a import (\nb,\nc\n)\nimport d", ["a:b,c", "d"]),
    "a backslash": ("import a, \\\n    b\nfrom c \\\n  import d", ["a", "b", "c:d"]),
    "a backslash and the first column": ("from a import \\\nb\nimport c", ["a:b", "c"]),
    "a word that begins alike": ("important = 1\nfrom_ = 2\nimport a", ["a"]),
    "a docstring": ('"""\nimport b\n"""\nimport a', ["a"]),
    "single triple quotes": ("x = '''\nimport b\nfrom c import d\n'''\nimport a", ["a"]),
    "an escaped quote": ('x = """ \\""" \nimport b\n"""\nimport a', ["a"]),
    "two strings with escaped quotes": ("x = ''' \\'''\nimport b\n'''\nimport a\ny = ''' \\''' '''", ["a"]),
    "a raw string": ("x = r'''\nimport b\n\\'''\n'''\nimport a", ["a"]),
    "one kind of quotes in the other": ("x = '''\n\"\"\"\nimport b\n'''\nimport a\nx = ''' \"\"\" '''", ["a"]),
    "a triple quote in a comment": ("# '''\nimport a\n# '''\nimport b", ["a", "b"]),
    "a triple quote in a short string": ("x = \"'''\"\nimport a\ny = \"'''\"", ["a"]),
    "a hash in a string": ("x = '#'; y = '''\nimport b\n'''\nimport a", ["a"]),
    "code after a string's end": ("x = '''\n'''; y = 1\nimport a", ["a"]),
    "a string inside of a call": ("f('''\nimport b\n''',\n)\nimport a", ["a"]),
    "a string inside of a branch": ("if x:\n    import a\n    y = '''\nfrom b import c\n'''", ["?a"]),
    "if and elif and else": ("if x:\n    import a\nelif y:\n    import b\nelse:\n    import c", ["?a", "?b", "?c"]),
    "comments in between": ("if x:\n    import a\n# so\n\n    # or\nelse:\n    import b\nimport c", ["?a", "?b", "c"]),
    "tabs": ("if x:\n\timport a\nelse:\n\timport b", ["?a", "?b"]),
    "one line": ("if x: import a\nif y:\n    import b\nelse: import c", ["?a", "?b", "?c"]),
    "every clause of a try": (
        "try:\n    import a\nexcept:\n    import b\nelse:\n    import c\nfinally:\n    import d",
        ["?a", "?b", "?c", "d"],
    ),
    "loops": ("for x in y:\n    import a\nelse:\n    import b\nwhile x:\n    import c", ["?a", "?b", "?c"]),
    "with": ("with open(x) as f:\n    import a\nwith suppress(ImportError):\n    import b", ["a", "?b"]),
    "a class body": ("class A:\n    import a\n    if x:\n        import b", ["a", "?b"]),
    "a string in a class body": ("class A:\n    x = '''\n    import b\n    '''\n    import a", ["a"]),
    "a class with methods only": ("class A:\n    def f(self):\n        import b\nimport a", ["a"]),
    "functions": ("def f():\n    import b\nasync def g():\n    import c\nimport a", ["a"]),
    "a decorated function": ("@f(\n    1\n)\n@g\ndef h():\n    import b\nimport a", ["a"]),
    "a decorated class": ("@f\nclass A:\n    import b\nimport a", ["b", "a"]),
    "for the type checker": ("if TYPE_CHECKING:\n    import b\nimport a", ["a"]),
    "for the program": ("import a\nif __name__ == '__main__':\n    import b", ["a"]),
    "Windows' line ends": ("import a\r\nx = '''\r\nimport b\r\n'''\r\nif x:\r\n    import c\r\n", ["a", "?c"]),
    "old Macs' line ends": ("'x'\rimport a\rif x:\r    import b\rimport c", ["a", "?b", "c"]),
    "a byte order mark": ("import a\nif x:\n    import b".encode("utf-8-sig"), ["a", "?b"]),
    "a form feed on its own": ("import a\n\x0c\nimport b\n\x0c\nif x:\n    import c", ["a", "b", "?c"]),
    "Latin-1": ("# coding: latin-1\nx = 'ä'\nimport a\nif x == 'ä':\n    import b".encode("latin-1"), ["a", "?b"]),
    "names beyond ASCII": ("import ä\nfrom ß import ö\nif x:\n    import ü", ["ä", "ß:ö", "?ü"]),
    "a newer grammar elsewhere": ("type X = int\ndef f[T](x: T): ...\nimport a\nif x:\n    import b", ["a", "?b"]),
    "soft keywords as names": ("match = case = 1\nmatch(case)\nimport a", ["a"]),
    "an import that is none": ("import a b", None),
    "an indentation that is none": ("if x:\n    import a\n  import b", None),
    "a string without an end": ("x = '''\nimport a", None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ROWS.values(), ids=[name.replace(" ", "-") for name in ROWS])
def test_what_a_glance_tells_is_true(text: str | bytes, expected: list[str] | None) -> None:
    """Where it is certain it is the same; where it is loose, no import is lost. What is no Python it may not notice."""
    source = parse(text.encode() if isinstance(text, str) else text, exact=False)
    if expected is None:
        assert source is None or source.loose
    elif source is not None and source.loose:
        found = Counter(name.lstrip("?") for name in imports(source.body))
        assert Counter(name.lstrip("?") for name in expected) <= found
    else:
        assert source is not None
        assert list(imports(source.body)) == expected


GLANCES = {
    "a method": ("class A:\n    def f(self):\n        import b\na = A()\n", ["a"]),
    "a method of the same class": (
        "class A:\n    def f(self):\n        import b\n    def g(self):\n        self.f()\nA.h()\n",
        ["a"],
    ),
    "the program's own start": ("def f():\n    import b\nif __name__ == '__main__':\n    f()\n", ["a"]),
    "a name that tells of imports": ("def import_b():\n    import b\n", ["a"]),
    "prose": ("def f():\n    import b\n'''\nf() imports\n'''\n", ["a"]),
    "an import in a text": ("__doc__ = '''\nimport b\n'''\n", ["a"]),
    "a raise in a function under a test": ("if a:\n    def f():\n        raise ImportError\n", ["a"]),
    "brackets with comments": ("from c import (  # )\n    d,  # (e)\n)\n", ["a", "c:d"]),
    "a class that speaks of itself": (
        "class A:\n    '''Not import b.\n    import b\n    '''\n    def f(self):\n        import b\na = A()\n",
        ["a"],
    ),
    "a function whose text begins lines": ("def f():\n    import b\ndef g():\n    '''\nif so\n'''\n    f()\n", ["a"]),
    "an opener in an annotation": (
        "import ctypes\nclass A:\n    a: dict[str, ctypes.CDLL] = {}\n    def CDLL(self) -> ctypes.CDLL: ...\n",
        ["a", "ctypes"],
    ),
    "a bracket that is never closed": ("def f():\n    import c(\n", ["a"]),
}


@pytest.mark.parametrize(("text", "expected"), GLANCES.values(), ids=[name.replace(" ", "-") for name in GLANCES])
def test_a_glance_is_enough_where_nothing_calls_what_imports(text: str, expected: list[str]) -> None:
    seen = glance(f"import a\n{text}".encode())
    assert seen is not None
    assert [name for line in seen.plain for name in told(line + b"\n") or ()] == expected
    assert not seen.unsure
    assert not seen.guarded


CALLING = {
    "a constructor": "class A:\n    def __init__(self):\n        import b\na = A()\n",
    "what a constructor calls": (
        "class A:\n    def __init__(self):\n        self.f()\n    def f(self):\n        import b\na = A()\n"
    ),
    "a method by its class": "class A:\n    def f():\n        import b\nA.f()\n",
    "a method by another": "class A:\n    def f():\n        import b\n    def g():\n        A.f()\nA.g()\n",
    "a class in a class": "class A:\n    class B:\n        import b\nA.B()\n",
    "a decorator": "def f(g):\n    import b\n@f\ndef g():\n    pass\n",
    "a function under another name": "def f():\n    import b\ng = f\n",
    "a function that calls it": "def f():\n    import b\ndef g():\n    f()\ng()\n",
    "a loader of what opens": "import ctypes\ndef load_b():\n    ctypes.CDLL('b')\n",
    "an opener behind an annotation": "import ctypes\na: ctypes.CDLL = ctypes.CDLL('b')\n",
    "an opener after else": "import ctypes\nif a: b\nelse: ctypes.CDLL('b')\n",
    "a raise under a test": "import a\nif a:\n    raise ImportError\n",
}


@pytest.mark.parametrize("text", CALLING.values(), ids=[name.replace(" ", "-") for name in CALLING])
def test_a_glance_is_not_enough_where_what_imports_may_be_called(text: str) -> None:
    """Or it names the import as one that may be executed."""
    seen = glance(text.encode())
    assert seen is None or seen.unsure


@pytest.mark.parametrize(("text", "expected"), ROWS.values(), ids=[name.replace(" ", "-") for name in ROWS])
def test_the_imports_of(text: str | bytes, expected: list[str] | None) -> None:
    assert told(text.encode() if isinstance(text, str) else text) == expected


# ── what else is kept ────────────────────────────────────────────────────────────────────────────────────────────────


def steps(text: str) -> tuple[Step, ...]:
    return a_source(text).body


def test_an_assignment_is_kept_for_the_statement_that_uses_it() -> None:
    text = "import importlib\nunused = 1\nname = 'a'\nimportlib.import_module(name)\nlater = name\n"
    assert [step.name for step in steps(text) if isinstance(step, Bind)] == ["name"]


def test_what_an_import_binds_is_kept_only_where_it_is_used() -> None:
    (first, second, _) = steps("import os\nimport importlib as i\ni.import_module('a')\n")
    assert isinstance(first, Import)
    assert isinstance(second, Import)
    assert (first.binds, second.binds) == ((), (("i", "importlib"),))


def test_a_handler_keeps_the_classes_it_names_and_the_name_it_gives() -> None:
    text = "try:\n    import a\nexcept (x.y.ImportError, OSError) as error:\n    raise\nexcept:\n    pass\n"
    (step,) = steps(text)
    assert isinstance(step, Attempt)
    assert [(one.kinds, one.name, one.body) for one in step.handlers] == [
        (("ImportError", "OSError"), "error", (Raise(),)),
        ((), "", ()),
    ]


def test_assert_is_a_branch_that_raises() -> None:
    (_, step) = steps("import a\nassert __import__('b')\n")
    assert isinstance(step, Branch)
    assert (step.body, step.orelse) == ((), (Raise(Term("name", "AssertionError")),))


CALLED = "import importlib\ndef {name}({params}):\n    return importlib.import_module(name)\n{call}\n"


@pytest.mark.parametrize(
    ("name", "call", "kept"),
    [
        ("work", "work('a')", True),
        ("work", "other = work", True),
        ("load_backend", "", True),
        ("__getattr__", "", False),
    ],
    ids=["called", "opens-by-name", "another-module-may-call-it", "the-lazy-hook"],
)
def test_which_functions_are_kept(name: str, call: str, kept: bool) -> None:
    functions = a_source(CALLED.format(name=name, params="name", call=call)).functions
    assert [function.name for function in functions] == [name] * kept


def test_a_function_that_can_neither_import_nor_open_is_left_out() -> None:
    assert a_source("import a\ndef work():\n    return 1\nwork()\n") == Source((Import("a"),))


def test_a_function_keeps_its_parameters() -> None:
    text = CALLED.format(name="load", params="name, deep=1, *rest, key='k', other", call="load('a')")
    (function,) = a_source(text).functions
    assert (function.params, function.rest, function.named) == (("name", "deep"), "rest", ("key", "other"))
    assert function.defaults == (("deep", Term("const", 1)), ("key", Term("text", "k")))
    assert [type(step) for step in function.body] == [Leave]


@pytest.mark.parametrize(
    ("before", "line"),
    [("", 2), ("'''\n\n\n'''\n", 6), ("# note\r\n\r\n", 4), ("x = [\n    1,\n]\ndef f():\n    pass\n", 7)],
    ids=["first", "after-a-docstring", "Windows", "after-a-function"],
)
def test_a_call_knows_its_line_in_the_file(before: str, line: int) -> None:
    found = [step for step in steps(f"{before}import ctypes\nctypes.CDLL('libz.so.1')\n") if isinstance(step, Run)]
    assert [step.value.line for step in found] == [line]


# ── judges ───────────────────────────────────────────────────────────────────────────────────────────────────────────

STDLIB = Path(sysconfig.get_path("stdlib"))


def by_tree(nodes: Sequence[ast.stmt], certain: bool = True, *, loose: bool = False) -> Iterator[str]:
    """The same as `imports`, from the whole file's syntax tree; `loose`: handlers of what imports nothing as well."""
    for node in nodes:
        match node:
            case ast.Import(names):
                yield from (f"{'' if certain else '?'}{alias.name}" for alias in names)
            case ast.ImportFrom(name, names, level) if name != "__future__":
                found = ",".join(alias.name for alias in names)
                yield f"{'' if certain else '?'}{'.' * (level or 0)}{name or ''}:{found}"
            case ast.If(test, body, orelse):
                if ast.unparse(test) not in ("__name__ == '__main__'", "TYPE_CHECKING"):
                    yield from by_tree(body, False, loose=loose)
                yield from by_tree(orelse, False, loose=loose)
            case ast.Try(body, handlers, orelse, final):
                yield from by_tree(body, False, loose=loose)
                if loose or list(by_tree(body)):
                    yield from by_tree([step for handler in handlers for step in handler.body], False, loose=loose)
                yield from by_tree(orelse, False, loose=loose)
                yield from by_tree(final, certain, loose=loose)
            case ast.For(_, _, body, orelse) | ast.While(_, body, orelse):
                yield from by_tree([*body, *orelse], False, loose=loose)
            case ast.With(_, body) | ast.ClassDef(_, _, _, body):
                yield from by_tree(body, certain, loose=loose)


def test_the_standard_library_reads_as_its_syntax_trees_do() -> None:
    """Cutting a source into statements loses no import at module level, invents none, and guards the same."""
    files = [path for path in sorted(STDLIB.rglob("*.py")) if not {"site-packages", "test", "tests"} & {*path.parts}]
    assert len(files) > 300
    wrong = {}
    for path in files[::5]:
        data = path.read_bytes()
        try:
            tree = ast.parse(data).body
        except SyntaxError:  # lib2to3 and others keep samples of what is no Python
            continue
        found = Counter(told(data) or ())
        if not Counter(by_tree(tree)) <= found <= Counter(by_tree(tree, loose=True)):
            wrong[path.name] = told(data)
    assert not wrong


SAMPLES = {
    "plain.py": "import a, b as c\nfrom . import d\n",
    "guards.py": "try:\n    import a\nexcept (ImportError, x.OSError) as e:\n    raise\n"
    "else:\n    b = 1\nfinally:\n    c()\n",
    "terms.py": "x = f(1, -2, 'a', b'b', None, True, *y, k=z[0])\nx += f'{a}{b!r}c'\n"
    "y = {'k': [1, 2]} if p and not q else p in q\n",
    "loops.py": "for a, b in c:\n    continue\nelse:\n    pass\nwhile x < 3:\n    break\nz = [f(y) for y in w][1:]\n",
    "functions.py": "def f(a, b=1, *c, d, e='e'):\n    yield a\n    return g(\n        a)\n"
    "class A:\n    def __init__(self, x):\n        self.x = x\n    with y(ImportError):\n        import z\nassert f\n",
    "latin.py": "# -*- coding: latin-1 -*-\nimport a\nx = 'ä'\n",
    "wrong.py": "import a b\n",
}  # fmt: skip


@pytest.mark.parametrize("python", pythons())
def test_every_python_lowers_alike(python: str, tmp_path: Path) -> None:
    """The module's own text runs inside the target, from Python 3.6 on, and answers what it answers here."""
    for name, text in SAMPLES.items():
        (tmp_path / name).write_bytes(text.encode("latin-1"))
    asked = [*(str(tmp_path / name) for name in SAMPLES), str(tmp_path / "absent.py"), str(TEXT)]
    command = [python, "-I", "-B", "-c", script(), *asked]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    here = [_lowered(Path(path)) for path in asked]
    assert [json.loads(line) for line in answer.stdout.splitlines()] == here
    assert here[:6].count(None) == 0
    assert here[6:8] == [None, None]
    assert answer.stderr == ""


def _lowered(path: Path) -> object:
    try:
        plain: object = json.loads(json.dumps(lowered(path.read_bytes())))
    except (OSError, SyntaxError):
        return None
    return plain


def test_a_class_is_called_by_its_constructor() -> None:
    text = (
        "import ctypes\nclass Lib:\n    def __init__(self, name):\n        self.h = ctypes.CDLL(name)\nlib = Lib('x')\n"
    )
    (function,) = a_source(text).functions
    assert isinstance(function, Function)
    assert (function.name, function.params) == ("Lib", ("name",))

"""Calls of functions that have a dotted name: what imports, opens or exits, a module's own, the library's."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from nixpydoctor.edges import Import
from nixpydoctor.imports.finder import absolute
from nixpydoctor.imports.outcome import OS, OTHER, Outcome, caught
from nixpydoctor.imports.values import UNKNOWN, Caught, Ffi, Guard, Handle, Message, Ref, Spec, Value, classes

if TYPE_CHECKING:
    from nixpydoctor.imports.frame import Frame

_LOADERS = frozenset({"ctypes.CDLL", "ctypes.PyDLL", "ctypes.cdll.LoadLibrary", "ctypes.pydll.LoadLibrary"})
_WINDOWS = frozenset({"ctypes.WinDLL", "ctypes.windll", "ctypes.OleDLL", "winreg"})


def call(frame: Frame, name: str, arguments: list[Value], named: Mapping[str, Value], line: int) -> Value:
    """A call of something that has a dotted name."""
    first = arguments[0] if arguments else named.get("name", None)
    if name in _LOADERS:
        return open_library(frame, first, line)
    if name in ("builtins.__import__", "importlib.__import__"):
        return _import(frame, first, arguments, named)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(frame, first, arguments, line)
    if name.endswith(".dlopen") and name.count(".") > 1:
        return open_by_ffi(frame, Ffi(False), first, line)
    mine = frame.functions.get(name.removeprefix(f"{frame.module.name}."))
    if mine is not None:
        return frame.call(frame.module, mine, arguments, named)
    if name.startswith("builtins."):
        if name == "builtins.open":
            return UNKNOWN
    elif (function := frame.walk.memory.function(name)) is not None:
        return frame.call(function[0], function[1], arguments, named)
    if name.startswith("os.path.") and None in arguments:
        frame.outcome.fail("TypeError", frame.blame | frame.context or OTHER)
        return UNKNOWN
    return frame.walk.surroundings.call(name, arguments, named)


def open_library(frame: Frame, name: Value, line: int) -> Value:
    """`dlopen`: None is the program itself, what cannot be known is taken to open."""
    if name is None:
        return Handle(program=True)
    if isinstance(name, str) and name:
        causes = frame.walk.openings.opened(frame, name, line)
        if causes:
            _fail(frame, OS, causes)
    return Handle()


def ask(frame: Frame, library: Handle) -> None:
    """A library is asked for something, which it lacks where it was not found and is the program itself instead."""
    if lost := _lost(frame, library):
        frame.outcome.fail("AttributeError", lost | frame.context)


def _lost(frame: Frame, library: Handle) -> int:
    """The causes for which a library is the program itself, and not what its code believes."""
    return frame.walk.openings.absent(frame.blame) if library.program else 0


def _fail(frame: Frame, kind: str, causes: int) -> None:
    blame = frame.context | frame.blame
    if blame:
        frame.walk.openings.alternatives(blame, causes)
    frame.outcome.fail(kind, causes | blame)


def open_by_ffi(frame: Frame, ffi: Ffi, name: Value, line: int) -> Value:
    """`FFI.dlopen`: a bare name is opened as it is, or looked for where the interface was made in line."""
    if not isinstance(name, str):
        return Handle()
    if not ffi.inline:
        return open_library(frame, name, line)
    causes = 0
    if "." in name or "/" in name:
        causes = frame.walk.openings.opened(frame, name, line)
        if not causes:
            return Handle()
    path, lost = frame.walk.openings.found(frame, name, line)
    if path is not None:
        lost = frame.walk.openings.opened(frame, path, line) if path else 0
    if lost:
        _fail(frame, OS, causes | lost)
    return Handle()


def _find_library(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    if not isinstance(name, str):
        return UNKNOWN
    path, lost = frame.walk.openings.found(frame, name, line)
    frame.blame |= lost
    return UNKNOWN if path == "" else path


def _import_module(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    if not isinstance(name, str) or not name:
        return UNKNOWN
    if name.startswith("."):
        package = arguments[1] if len(arguments) > 1 else frame.module.package
        name = (
            f"{package}{name}"
            if isinstance(package, str) and not name.startswith("..")
            else absolute(name, frame.module)
        )
    if name == frame.home.name and frame.walk.graph.exists(f"{name}.{name}"):
        # A package that imports itself while it is executed has put its own folder on the path: it means the
        # compiled module of the same name in there.
        name = f"{name}.{name}"
    found: Outcome = frame.walk.imported(frame, name)
    if found.sure or found.maybe:
        frame.tie(found.causes)
        frame.outcome.add(found, frame.context)
    return Ref(name, module=True)


def _import(frame: Frame, name: Value, arguments: list[Value], named: Mapping[str, Value]) -> Value:
    """`__import__(name, globals, locals, fromlist, level)`."""
    fromlist = arguments[3] if len(arguments) > 3 else named.get("fromlist")
    level = arguments[4] if len(arguments) > 4 else named.get("level", 0)
    if not isinstance(name, str) or not isinstance(level, int):
        return UNKNOWN
    whole = absolute("." * level + name, frame.module)
    if not whole:
        return UNKNOWN
    names = tuple([one for one in fromlist if isinstance(one, str)]) if isinstance(fromlist, tuple) else ()
    if not names:
        _import_module(frame, whole, [], 0)
        return Ref(whole if fromlist or level else whole.partition(".")[0], module=True)
    found = frame.walk.imported_from(frame, Import(whole, names))
    if found.sure or found.maybe:
        frame.tie(found.causes)
        frame.outcome.add(found, frame.context)
    return Ref(whole, module=True)


def _find_spec(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    if not isinstance(name, str) or name.startswith("."):
        return UNKNOWN
    return Spec(name) if frame.walk.graph.exists(name) else None


def _make_ffi(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    return Ffi(inline=True)


def _compiled_ffi(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    return Ffi(inline=False)


def _same(frame: Frame, value: Value, arguments: list[Value], line: int) -> Value:
    return value


def _next(frame: Frame, over: Value, arguments: list[Value], line: int) -> Value:
    """`next(...)` of a fresh iterator: its first item, the default, or StopIteration."""
    if not isinstance(over, tuple):
        return UNKNOWN
    if not over and len(arguments) < 2:
        frame.outcome.fail("StopIteration", frame.blame | frame.context or OTHER)
        return UNKNOWN
    return over[0] if over else arguments[1]


def _suppress(frame: Frame, value: Value, arguments: list[Value], line: int) -> Value:
    return Guard(classes(tuple(arguments)) or ())


def _exit(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    frame.outcome.fail("SystemExit", frame.context or OTHER)
    return UNKNOWN


def _files(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    package = name.name if isinstance(name, Ref) else name
    places = frame.walk.graph.location(package)[1] if isinstance(package, str) else ()
    if not places:
        return UNKNOWN
    rest = [part for part in arguments[1:] if isinstance(part, str)]
    return "/".join((places[0], *rest))


def _distribution_files(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    """`importlib.metadata.files`: of a distribution's files only the objects are known, and only they matter here."""
    return frame.walk.surroundings.objects(name) if isinstance(name, str) else UNKNOWN


def _getattr(frame: Frame, of: Value, arguments: list[Value], line: int) -> Value:
    """`getattr(sys, "frozen", False)` and the like: what a plain Python does not have."""
    if isinstance(of, Ref) and of.name == "sys" and len(arguments) > 2 and arguments[1] in ("frozen", "_MEIPASS"):
        return arguments[2]
    if isinstance(of, Handle):
        if len(arguments) < 3:
            ask(frame, of)
        elif _lost(frame, of):
            return arguments[2]
    return UNKNOWN


def _hasattr(frame: Frame, of: Value, arguments: list[Value], line: int) -> Value:
    absent = ("frozen", "_MEIPASS", "getwindowsversion", "pypy_version_info", "getandroidapilevel", "winver")
    if isinstance(of, Ref) and of.name == "sys" and arguments[-1] in absent:
        return False
    if isinstance(of, Ref) and of.name == "builtins" and isinstance(arguments[-1], str):
        return hasattr(builtins, arguments[-1])
    if isinstance(of, Spec):
        return arguments[-1] in ("name", "loader", "origin", "submodule_search_locations") or UNKNOWN
    if isinstance(of, Handle) and _lost(frame, of):
        return False
    return True if arguments[-1] == "__file__" else UNKNOWN


def _str(frame: Frame, value: Value, arguments: list[Value], line: int) -> Value:
    if isinstance(value, Caught):
        return Message(value.kinds)
    return str(value) if isinstance(value, (str, int)) and arguments else UNKNOWN


def _isinstance(frame: Frame, value: Value, arguments: list[Value], line: int) -> Value:
    """Of what class an exception is that a handler keeps."""
    classes = arguments[1] if len(arguments) > 1 else None
    named = classes if isinstance(classes, tuple) else (classes,)
    if not isinstance(value, Caught) or not all(isinstance(one, Ref) for one in named):
        return UNKNOWN
    names = tuple(one.name.rpartition(".")[2] for one in named if isinstance(one, Ref))
    answers = {caught(kind, names) for kind in value.kinds}
    return {"yes": True, "no": False}.get(answers.pop(), UNKNOWN) if len(answers) == 1 else UNKNOWN


def _windows(frame: Frame, of: Value, arguments: list[Value], line: int) -> Value:
    frame.outcome.fail("AttributeError", frame.context or OTHER)
    return UNKNOWN


_SPECIAL: Mapping[str, Callable[[Frame, Value, list[Value], int], Value]] = {
    "ctypes.util.find_library": _find_library,
    "importlib.import_module": _import_module,
    "builtins.__import__": _import_module,
    "importlib.util.find_spec": _find_spec,
    "importlib.find_loader": _find_spec,
    "importlib.machinery.PathFinder.find_spec": _find_spec,
    "pkgutil.get_loader": _find_spec,
    "pkgutil.find_loader": _find_spec,
    "cffi.FFI": _make_ffi,
    "_cffi_backend.FFI": _compiled_ffi,
    **dict.fromkeys(("sys.exit", "builtins.exit", "builtins.quit", "os._exit", "os.abort"), _exit),
    "contextlib.suppress": _suppress,
    "builtins.next": _next,
    "builtins.str": _str,
    "builtins.isinstance": _isinstance,
    "builtins.iter": _same,
    "importlib.resources.as_file": _same,
    "importlib_resources.as_file": _same,
    "importlib.resources.files": _files,
    "importlib_resources.files": _files,
    "importlib.resources.path": _files,
    "importlib_resources.path": _files,
    "pkg_resources.resource_filename": _files,
    "importlib.metadata.files": _distribution_files,
    "importlib_metadata.files": _distribution_files,
    "builtins.getattr": _getattr,
    "builtins.hasattr": _hasattr,
    **dict.fromkeys(_WINDOWS, _windows),
}

"""The names that finders serve which .pth files install, told from the finders' own text (PEP 660, setuptools' shims).

Nothing of it runs: setuptools writes a table into its finder, scikit-build-core and meson-python write one call with
literal arguments, the shim for `distutils` and old namespace packages are known by their lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Python, join, parent
from nixpydoctor.imports.sites import Line, lines, site_folders
from nixpydoctor.light import dataclass

if TYPE_CHECKING:
    import ast

_NAMESPACE = r"sitedir'\],\s*\*\(([^)]*)\)"
"""The line that setuptools wrote for a namespace package before PEP 420 was relied on."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a finder knows of one top-level name."""

    by: FsPath
    """The .pth file that installed the finder."""
    path: FsPath | None = None
    """The package's folder or the module's file; None where the finder's text does not say."""
    portions: tuple[FsPath, ...] | None = None
    """For a namespace package: its folders."""
    alias: str = ""
    """The module that is given under this name, wherever the path has it."""


class Hooks:
    """Top-level names by where in `sys.meta_path` their finder stands."""

    def __init__(self, python: Python | None, disk: Disk) -> None:
        self._disk = disk
        self.first: dict[str, Served] = {}
        """Before the path is looked at."""
        self.last: dict[str, Served] = {}
        """Where the path has nothing."""
        self.placed: dict[str, Mapping[str, tuple[FsPath, ...]]] = {}
        """The finder's own entry of sys.path → namespace packages that it holds there."""
        for folder in site_folders(python) if python is not None else ():
            for line in lines(folder, disk):
                if line.kind == "code":
                    self._take(folder, line)

    @property
    def names(self) -> frozenset[str]:
        """Every top-level name that some finder knows."""
        spaces = (name for names in self.placed.values() for name in names if "." not in name)
        return frozenset((*self.first, *self.last, *spaces))

    def served(self, name: str, path: FsPath, places: tuple[FsPath, ...] | None) -> FsPath | None:
        """The .pth file whose finder gave this module; None where the path did."""
        for known in (self.first.get(name), self.last.get(name)):
            if known is None:
                continue
            if known.alias and f"/{known.alias.replace('.', '/')}/" not in path:
                continue
            if known.path is None or known.portions is not None:
                return known.by
            if path == known.path or path.startswith((f"{known.path}/", f"{known.path}.")) or places == (known.path,):
                return known.by
        return None

    def _take(self, folder: FsPath, line: Line) -> None:
        if "_distutils_hack" in line.text:
            if "'stdlib'" not in line.text:  # until version 60 the standard library's own was the default
                self.first.setdefault("distutils", Served(line.file, alias="setuptools._distutils"))
        elif (namespace := re.search(_NAMESPACE, line.text)) is not None:
            parts = re.findall(r"'([^']+)'", namespace[1])
            if len(parts) == 1:
                self.first.setdefault(parts[0], Served(line.file, portions=(join(folder, parts[0]),)))
        else:
            for module in line.imports:
                if "editable" in module:
                    self._editable(line, module, join(folder, f"{module}.py"))

    def _editable(self, line: Line, module: str, path: FsPath) -> None:
        import ast  # only a Python with editable installs pays for it
        import warnings

        text = self._disk.text(path)
        if not isinstance(text, str):
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about escapes in somebody's strings
                body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        tables = {name: value for node in body for name, value in _assigned(node)}
        if "MAPPING" in tables:
            self._setuptools(line, tables)
            return
        for node in reversed(body):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _called(node.value) == "install":
                self._installed(line, node.value)
                return

    def _setuptools(self, line: Line, tables: Mapping[str, object]) -> None:
        mapping = tables["MAPPING"]
        for name, path in mapping.items() if isinstance(mapping, dict) else ():
            if "." not in str(name):
                self.last.setdefault(str(name), Served(line.file, FsPath(str(path))))
        spaces, own = tables.get("NAMESPACES"), tables.get("NAME")
        if isinstance(spaces, dict) and isinstance(own, str):
            self.placed[f"{own}.__path_hook__"] = {
                str(name): tuple(FsPath(str(path)) for path in paths) for name, paths in spaces.items()
            }

    def _installed(self, line: Line, call: ast.Call) -> None:
        """A set of names (meson-python), or a table of dotted names and files (scikit-build-core)."""
        for argument in call.args:
            value = _literal(argument)
            if isinstance(value, set):
                for name in value:
                    self.first.setdefault(str(name).partition(".")[0], Served(line.file))
                return
            if isinstance(value, dict):
                for name, path in value.items():
                    if "." not in str(name):
                        file = FsPath(str(path))
                        whole = parent(file) if file.endswith("/__init__.py") else file
                        self.first.setdefault(str(name), Served(line.file, whole))
                if value:
                    return


def _assigned(node: ast.stmt) -> list[tuple[str, object]]:
    import ast

    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return [(node.target.id, _literal(node.value))]
    if isinstance(node, ast.Assign):
        return [(target.id, _literal(node.value)) for target in node.targets if isinstance(target, ast.Name)]
    return []


def _literal(node: ast.expr) -> object:
    import ast

    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None


def _called(call: ast.Call) -> str:
    import ast

    return call.func.id if isinstance(call.func, ast.Name) else ""

"""Who may import whom, and who may touch the machine: a table, held by a walk over every module's imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import nixpydoctor

ROOT = Path(nixpydoctor.__file__).parent

CORE = {"facts", "edges", "reader", "recording", "disk", "loader", "findings"}

LAYERS: dict[str, set[str]] = {
    "facts": set(),
    "darwin": {"facts"},
    "edges": {"facts"},
    "reader": {"facts", "edges", "darwin"},
    "recording": {"facts", "edges", "darwin", "reader"},
    "disk": {"facts", "edges", "darwin", "reader", "recording"},
    "formats": {"facts", "edges", "darwin"},
    "knowledge": {"facts"},
    "loader": {"facts", "darwin", "reader", "disk", "formats"},
    "embedding": {"facts", "disk"},
    "imports": {"facts", "edges", "disk", "loader", "knowledge"},
    "findings": {"facts", "edges", "loader"},
    "treatments": {"facts", "findings"},
    "worlds": {"facts", "disk", "imports"},
    "neighbours": CORE,
    "byname": CORE | {"imports"},
    "explained": CORE,
    "case": CORE | {"imports", "neighbours", "byname", "explained"},
    "trials": CORE | {"case", "treatments", "rules"},
    "doctor": CORE | {"case", "worlds", "treatments", "rules", "remedies", "trials"},
    "rules": CORE | {"case", "explained", "formats", "imports", "knowledge"},
    "remedies": CORE | {"darwin", "case", "embedding", "imports", "treatments", "knowledge"},
    "symptoms": {"facts", "findings", "knowledge"},
    "explain": {"facts", "loader", "findings", "knowledge", "symptoms"},
    "fingerprints": {"findings"},
    "baseline": {"findings", "fingerprints"},
    "gate": {"findings", "fingerprints", "doctor"},
    "named_file": set(),
    "settings": {"facts", "rules", "gate", "target"},
    "config": {"named_file", "rules", "gate", "settings", "target"},
    "report": {
        "fingerprints",
        "facts",
        "disk",
        "recording",
        "worlds",
        "edges",
        "loader",
        "findings",
        "treatments",
        "doctor",
        "knowledge",
        "symptoms",
        "explain",
    },
    "codec": {"facts"},
    "disguise": {"facts", "recording"},
    "replay": {"facts", "darwin", "edges", "disk", "recording", "codec", "disguise"},
    "packaged": set(),
    "light": set(),
    "edits": {"facts", "formats", "treatments", "probes"},
    "isolation": set(),
    "files": set(),
    "shims": {"files"},
    "landmarks": {"facts", "files"},
    "target": {"facts", "files", "landmarks", "shims"},
    "probes": {"facts", "files", "edges", "reader", "disk", "formats", "loader", "embedding", "isolation"}
    | {"landmarks", "target"},
    "progress": {"report"},
    "workflow": CORE
    | {"files", "named_file", "treatments", "doctor", "gate", "report", "codec", "disguise", "replay"}
    | {"probes", "target"},
    "calling": set(),
    "console": {"calling", "findings", "doctor", "gate", "report", "target", "workflow"},
    "outputs": {"doctor", "report", "console", "target"},
    "sifting": {"named_file", "baseline", "config", "console", "doctor", "fingerprints", "gate", "report", "target"},
    "checking_console": {"settings", "config", "console", "outputs", "progress", "report", "sifting"} | {"workflow"},
    "questions": {"files", "landmarks", "named_file", "knowledge", "rules", "symptoms", "explain"}
    | {"target", "workflow"},
    "answering": {"report", "symptoms", "explain", "progress", "questions", "target", "workflow"} | {"console"},
    "onlooker": set(),
    "runner": {"symptoms", "onlooker"},
    "accompanying": {"report", "progress", "questions", "runner", "workflow", "console"},
    "quick": {"checking_console"},
    "fixing": CORE | {"treatments", "remedies", "doctor", "edits", "target", "workflow"},
    "fixing_console": {"doctor", "gate", "report", "console", "fixing", "progress", "target", "workflow"},
    "tree_console": {"facts", "recording", "loader", "progress", "report", "console", "target", "workflow"},
    "cli_options": set(),
    "cli": CORE
    | {"treatments", "rules", "remedies", "doctor", "gate", "report", "replay", "explain", "target", "workflow"}
    | {"cli_options", "console", "checking_console", "accompanying", "answering", "fixing_console", "tree_console"},
    "__main__": {"isolation", "console", "checking_console", "quick", "cli"},
}
"""Layer → the layers that it may import. What stands under `if TYPE_CHECKING` names a type and imports nothing."""

EVERYBODY = {"__version__", "light", "packaged"}
"""What every layer may import: the version, the cheap `dataclass`, and the reader of the package's own files."""

IMPURE = {
    "__main__", "accompanying", "answering", "calling", "checking_console", "cli", "cli_options", "config",
    "console", "edits", "files", "fixing", "fixing_console", "isolation", "landmarks", "named_file", "onlooker",
    "outputs", "probes", "progress", "questions", "report.as_text", "runner", "settings", "shims", "sifting", "target",
    "tree_console", "workflow",
}  # fmt: skip
"""Who may touch the machine. Everybody else is a function of facts."""

GUESTS = {"formats.source"}
"""Also runs as a script inside the target, where its `main` reads the files that it is told."""

MACHINE = {"os", "subprocess", "psutil", "shutil", "tempfile", "time", "rich", "typer"}


class Module:
    """One source file: what it is called, and what it imports."""

    def __init__(self, path: Path) -> None:
        parts = path.relative_to(ROOT).with_suffix("").parts
        self.name = ".".join(parts)
        self.layer = parts[0]
        self._path = path

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self._path.read_text(encoding="utf-8"))

    @property
    def pure(self) -> bool:
        return self.layer not in IMPURE and self.name not in IMPURE

    @cached_property
    def imports(self) -> list[str]:
        """Every module that running this one imports, wherever the statement stands."""
        return list(self._imports())

    def _imports(self) -> Iterator[str]:
        types_only = {id(node) for block in ast.walk(self.tree) if _typing_only(block) for node in ast.walk(block)}
        for node in ast.walk(self.tree):
            if id(node) in types_only:
                continue
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name} has a relative import: write it in full"
                module = str(node.module)
                yield from (f"{module}.{alias.name}" for alias in node.names) if module == "nixpydoctor" else (module,)


def _typing_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


MODULES = [Module(path) for path in sorted(ROOT.rglob("*.py")) if path.parent != ROOT or path.stem != "__init__"]


def _trespasses(module: Module) -> Iterator[str]:
    """What a module imports although its layer may not know it."""
    if module.layer not in LAYERS:
        yield f"{module.name} belongs to no layer: say in LAYERS whom {module.layer} may import"
        return
    inside = {name.split(".")[1] for name in module.imports if name.startswith("nixpydoctor.")}
    for wrong in sorted(inside - LAYERS[module.layer] - EVERYBODY - {module.layer}):
        yield f"{module.name} imports {wrong}: {module.layer} may not know it"


def _touches(module: Module) -> Iterator[str]:
    """How a module could touch the machine."""
    for used in sorted({name.split(".")[0] for name in module.imports} & MACHINE):
        yield f"{module.name} is pure and imports {used}"
    for node in ast.walk(module.tree) if module.name not in GUESTS else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            yield f"{module.name} is pure and opens a file in line {node.lineno}"


def test_a_module_imports_only_the_layers_that_its_own_may_know() -> None:
    assert MODULES
    assert [wrong for module in MODULES for wrong in _trespasses(module)] == []


def test_a_pure_module_cannot_touch_the_machine() -> None:
    pure = [module for module in MODULES if module.pure]
    assert len(pure) > len(MODULES) / 2
    assert [wrong for module in pure for wrong in _touches(module)] == []


def test_the_nouns_need_only_the_standard_library() -> None:
    (facts,) = (module for module in MODULES if module.name == "facts")
    common = {f"nixpydoctor.{name}" for name in EVERYBODY}
    foreign = {name.split(".")[0] for name in facts.imports if name not in common} - sys.stdlib_module_names
    assert not foreign, f"facts imports {', '.join(sorted(foreign))}"


def test_every_layer_of_the_table_exists() -> None:
    gone = set(LAYERS) - {module.layer for module in MODULES}
    assert not gone, f"LAYERS speaks of {', '.join(sorted(gone))}, which are no modules"


def test_no_two_layers_import_each_other() -> None:
    mutual = [(one, other) for one in LAYERS for other in LAYERS[one] if one in LAYERS[other]]
    assert mutual == []

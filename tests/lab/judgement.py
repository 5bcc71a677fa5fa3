"""Asks the judge about a venv in an environment, and keeps the answer until something changes that decides about it."""

from __future__ import annotations

import hashlib
import importlib.machinery
import json
import keyword
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache as remembered
from pathlib import Path
from typing import Any

from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from lab.machine import HERE, LabError, cache
from lab.roots import Root
from lab.wheels import MARKER, Bench

HALVES = ("tuned", "held-out", "fresh", "latest")
"""The lists of distributions, in the order in which they were looked at."""
JUDGE = HERE / "judge.py"
SECONDS = 120
"""How long one import may take before it is left out by name."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A root, a Python and variables: what one column of the table stands for."""

    name: str
    title: str
    root: Root
    python: str
    """The name of the Python that the venv is made of."""
    env: Mapping[str, str] = field(default_factory=dict)
    healthy: bool = False
    """Whether every library is there that a manylinux wheel may expect."""
    halves: tuple[str, ...] = HALVES
    """Which lists are judged here."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What really happened: name or path → how it ended (the judge's words) and what was said."""

    starts: bool
    said: str
    extensions: dict[str, tuple[str, str]]
    imports: dict[str, tuple[str, str]]


def judge(bench: Bench, place: Environment, python: Path) -> Judgement:
    """The judgement about everything in a venv: kept from an earlier run, or made now (minutes)."""
    request = {
        "python": str(bench.python),
        "env": dict(place.env),
        "seconds": SECONDS,
        "extensions": extensions(bench),
        "imports": modules(bench),
    }
    parts = (bench.key, place.root.describe(), json.dumps(request, sort_keys=True), JUDGE.read_text())
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    kept = cache() / "judgements" / f"{bench.path.name}-{place.name}-{key[:16]}.json"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        _ask(request, place, python, kept)
    plain: dict[str, Any] = json.loads(kept.read_text())
    return Judgement(
        plain["starts"],
        plain["said"],
        {path: (how, said) for path, (how, said) in plain["extensions"].items()},
        {name: (how, said) for name, (how, said) in plain["imports"].items()},
    )


def _ask(request: dict[str, object], place: Environment, python: Path, kept: Path) -> None:
    """Writes the answer under another name first: an interrupted run leaves no half of one."""
    with tempfile.TemporaryDirectory(dir=cache()) as folder:
        asked, answered = Path(folder, "request.json"), Path(folder, "answer.json")
        asked.write_text(json.dumps(request))
        ended = place.root.run([python, "-B", "-I", JUDGE, asked, answered], home=Path(folder), seconds=3600)
        if ended.code != 0:
            raise LabError(f"the judge failed in {place.name}:\n{ended.err[-2000:]}")
        os.replace(answered, kept)


@remembered
def extensions(bench: Bench) -> list[str]:
    """Every extension module: a suffix of the Python's, the plain `.so` only where it exports `PyInit_*`."""
    minor = bench.site_packages.parent.name.removeprefix("python").replace(".", "")
    tagged = (f".cpython-{minor}-x86_64-linux-gnu.so", ".abi3.so")
    return sorted(path for path in _shared_objects(bench.site_packages) if _is_extension(path, tagged))


def _shared_objects(folder: Path) -> Iterator[str]:
    for where, _, files in os.walk(folder):
        yield from (os.path.join(where, file) for file in files if file.endswith(".so"))


def _is_extension(path: str, tagged: tuple[str, ...]) -> bool:
    if path.endswith(tagged):
        return True
    return "." not in os.path.basename(path).removesuffix(".so") and _exports_init(path)


def _exports_init(path: str) -> bool:
    with open(path, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return False
        elf = ELFFile(file)
        table = elf.get_section_by_name(".dynsym")
        if isinstance(table, SymbolTableSection):
            symbols = table.iter_symbols()
        else:
            dynamic = next((part for part in elf.iter_segments() if part.header.p_type == "PT_DYNAMIC"), None)
            if not isinstance(dynamic, DynamicSegment):
                return False
            symbols = dynamic.iter_symbols()
        return any(symbol.name.startswith("PyInit_") and symbol["st_shndx"] != "SHN_UNDEF" for symbol in symbols)


@remembered
def modules(bench: Bench) -> list[str]:
    """Every top-level name that a plain `import` may be given, from folders that `.pth` files add as well."""
    code = "import sys; print(*sys.path, sep='\\n')"
    ended = subprocess.run([bench.python, "-B", "-c", code], capture_output=True, text=True, check=True, env={})
    folders = [Path(line) for line in ended.stdout.splitlines() if line.startswith(f"{bench.path}/")]
    return sorted({name for folder in folders if folder.is_dir() for name in _modules(folder)})


def _modules(folder: Path) -> Iterator[str]:
    suffixes = (".py", *(s for s in importlib.machinery.EXTENSION_SUFFIXES if s.startswith(".abi3")), ".so")
    for entry in folder.iterdir():
        name = entry.name.split(".")[0]
        if not name.isidentifier() or keyword.iskeyword(name) or entry.name in ("__pycache__", MARKER):
            continue
        package = (
            entry.is_dir() and entry.name == name and any(file.suffix in (".py", ".so") for file in entry.rglob("*"))
        )
        if package or (entry.is_file() and entry.name.endswith(suffixes)):
            yield name

"""Variations of one venv, made of hard links: the same wheels on another Python, and the same wheels ten times.

Nothing of the venv itself is changed: names and records of a copy are files of their own.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

MAGIC = b"\x7fELF"


def site_packages(venv: Path) -> Path:
    """The venv's own site-packages."""
    return next((venv / "lib").glob("python3.*/site-packages"))


def minor(venv: Path) -> str:
    """`3.12`: the Python that the venv is for."""
    return site_packages(venv).parent.name.removeprefix("python")


def objects(venv: Path) -> list[Path]:
    """Every ELF file below site-packages, links excluded."""
    return [path for path in _files(site_packages(venv)) if ".so" in path.name and _magic(path) == MAGIC]


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(root, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def on(python: Path, venv: Path, folder: Path, without: str | None = None) -> Path:
    """The wheels of `venv` under another Python of the same minor version; `without` is a prefix of names left out."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    source, target = site_packages(venv), site_packages(folder)
    left_out = _owned(source, without) if without is not None else set()
    shutil.rmtree(target)
    target.mkdir()
    for path in source.iterdir():
        if path.name not in left_out | {"__pycache__"}:
            _link_any(path, target / path.name)
    return folder


def _owned(site: Path, prefix: str) -> set[str]:
    """The top-level names that the records of these distributions list."""
    names: set[str] = set()
    for record in site.glob("*.dist-info/RECORD"):
        if record.parent.name.startswith(prefix):
            names |= {row[0].partition("/")[0] for row in csv.reader(record.read_text(encoding="utf-8").splitlines())}
    return names


def without_bundled(venv: Path, folder: Path, without: str | None = None) -> Path:
    """The wheels after somebody lost every library that they brought along: only extension modules are left."""
    python = (venv / "bin" / "python").resolve()
    made = on(python, venv, folder, without)
    for path in objects(made):
        if not re.search(r"\.(?:cpython-[\w-]+|abi3)\.so$", path.name):
            path.unlink()
    return made


BESIDE = "shiboken6"
"""PySide6's objects look beside them for a library in a folder of that name (RUNPATH)."""


def times(count: int, venv: Path, folder: Path) -> Path:
    """`count` copies of every distribution in one venv, all but the first under other names."""
    python = (venv / "bin" / "python").resolve()
    made = on(python, venv, folder)
    site = site_packages(made)
    copies = [_copy(site, site.parent / f"copy{number}", f"_c{number}") for number in range(2, count + 1)]
    (site / "copies.pth").write_text("".join(f"{copy}\n" for copy in copies), encoding="utf-8")
    return made


def _copy(site: Path, target: Path, mark: str) -> Path:
    """All of site-packages again, with top-level names and distributions marked; `NAME.libs` keeps its name."""
    names = {path.name: _marked(path.name, mark) for path in site.iterdir() if path.name != "__pycache__"}
    target.mkdir()
    for old, new in names.items():
        _link_any(site / old, target / new)
    if (target / names.get(BESIDE, "")).is_dir() and BESIDE in names:
        (target / BESIDE).symlink_to(names[BESIDE])
    for info in target.glob("*.dist-info"):
        _rename(info, names, mark)
    return target


def _marked(name: str, mark: str) -> str:
    if name.endswith(".libs") or name.startswith("."):
        return name
    if name.endswith(".dist-info"):
        return name.replace("-", f"{mark}-", 1)
    stem, dot, rest = name.partition(".")
    return f"{stem}{mark}{dot}{rest}"


def _rename(info: Path, names: dict[str, str], mark: str) -> None:
    metadata = (info / "METADATA").read_text(encoding="utf-8")
    _replace(info / "METADATA", re.sub(r"^(Name: \S+)", rf"\1{mark}", metadata, count=1, flags=re.MULTILINE))
    record = info / "RECORD"
    if not record.exists():
        return
    rows = list(csv.reader(record.read_text(encoding="utf-8").splitlines()))
    for row in rows:
        head, slash, rest = row[0].partition("/")
        row[0] = f"{names.get(head, head)}{slash}{rest}"
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    _replace(record, text.getvalue())


def _replace(path: Path, text: str) -> None:
    path.unlink()  # the hard link, not the venv's own file
    path.write_text(text, encoding="utf-8")


def _link_any(source: Path, target: Path) -> None:
    if source.is_dir():
        _link_tree(source, target)
    else:
        _link(str(source), str(target))


def _link_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=_link, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system, or no more links to this file
        shutil.copy2(source, target)
    return target

"""NPD209: .pth files run code at every start of this Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, leaf
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.imports.sites import Line, has_pth, lines, site_folders

_KNOWN = re.compile(
    r"import _virtualenv\Z|_distutils_hack|import __editable__|import _\w*editable|importlib\.util\.module_from_spec"
    r"|types\.ModuleType|COVERAGE_PROCESS_START"
)
"""Lines of virtualenv, uv, setuptools, coverage, editable installs, old namespace packages: nothing to wonder about."""


@rule(
    "NPD209",
    Severity.NOTE,
    "a .pth file runs code at every start",
    symptoms=(r"Fatal Python error: init_import_site: Failed to import the site module",),
)
def executable_pth(case: Case) -> Iterator[Finding]:
    """One finding for each file with lines that are not those of the usual tools."""
    python = case.facts.main.python
    for folder in site_folders(python) if python is not None else ():
        if not has_pth(folder, case.disk):
            continue
        files: dict[FsPath, list[Line]] = {}
        for line in lines(folder, case.disk):
            if line.kind == "code" and not _KNOWN.search(line.text):
                files.setdefault(line.file, []).append(line)
        for file, held in files.items():
            yield executable_pth.finding(
                file,
                f"{leaf(file)} runs {held[0].text[:80]}" + (f" and {len(held) - 1} more" if len(held) > 1 else ""),
                *(Place(file, f"line {line.number} runs {line.text[:200]}") for line in held[:5]),
                detail="code at every start",
            )

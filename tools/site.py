"""What `make site` adds to the pages of docs/: a list of the rules and one of the remedies, read from the code.

Hooks of MkDocs: on_files(), on_page_markdown().
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

from mkdocs.structure.files import File

from nixpydoctor.remedies import REMEDIES
from nixpydoctor.rules import RULES


def on_files(files: Any, *, config: Any) -> Any:
    """Two pages that no file holds."""
    files.append(File.generated(config, "rules/index.md", content=_rules()))
    files.append(File.generated(config, "remedies/index.md", content=_remedies()))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Links to the two folders lead to their lists."""
    here = posixpath.dirname(page.file.src_uri)
    for folder in ("rules", "remedies"):
        target = posixpath.relpath(f"{folder}/index.md", here or ".")
        markdown = re.sub(rf"\]\((?:\.\./)*{folder}/?\)", f"]({target})", markdown)
    return markdown


def _file(module: str) -> str:
    """`rules/missing_library.md` of a module."""
    return module.partition(".")[2].replace(".", "/") + ".md"


def _rules() -> str:
    rows = []
    for rule in sorted(RULES, key=lambda rule: rule.id):
        link = f"[{rule.id}]({posixpath.basename(_file(rule.module))})"
        rows.append(f"| {link} | {rule.name} | {rule.severity.name.lower()} | {rule.title} |")
    return "\n".join(["# Rules", "", "| id | name | severity | what is wrong |", "|---|---|---|---|", *rows]) + "\n"


def _remedies() -> str:
    rows = [f"| [{one.name}]({posixpath.basename(_file(one.module))}) | {one.title} |" for one in REMEDIES]
    return "\n".join(["# Remedies", "", "| name | what it does |", "|---|---|", *rows]) + "\n"

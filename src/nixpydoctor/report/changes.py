"""What an edit finds and what it adds, for every report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from nixpydoctor.facts import Elf, Facts
from nixpydoctor.treatments import Edit, SetSearchPath, WriteText


def rows(edits: Sequence[Edit], facts: Facts) -> Iterator[dict[str, Any]]:
    """Each edit as the JSON report has it."""
    for edit in edits:
        match edit:
            case WriteText():
                yield {"kind": "text", "path": edit.path, "text": edit.text}
            case SetSearchPath():
                yield {
                    "kind": "search-path",
                    "path": edit.path,
                    "tag": edit.tag,
                    "before": list(had(edit, facts)),
                    "after": list(edit.dirs),
                }
            case _:
                assert_never(edit)


def had(edit: SetSearchPath, facts: Facts) -> tuple[str, ...]:
    """The search path that the object has under the edit's tag."""
    found = facts.disk.objects(edit.path)
    obj = found[0] if isinstance(found, tuple) and found else None
    if not isinstance(obj, Elf):
        return ()
    text = obj.rpath if edit.tag == "rpath" else obj.runpath
    return tuple(text.split(":")) if text else ()


def added_by(edit: SetSearchPath, facts: Facts) -> tuple[str, ...]:
    """The folders that an edit brings."""
    before = had(edit, facts)
    return tuple(folder for folder in edit.dirs if folder not in before)

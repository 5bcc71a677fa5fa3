"""The findings that a project has accepted for now, as a file that is kept with it: only what is new fails.

One finding a line, sorted, so that a diff of the file shows what came and went.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from nixpydoctor.findings import Finding
from nixpydoctor.fingerprints import Key, steady

VERSION = 1
_FIELDS = ("rule", "dist", "place", "detail")


class BaselineError(Exception):
    """The text is no baseline that this version can read; the message says why."""


def dump(findings: Iterable[Finding], root: str | None) -> str:
    """The text of a baseline that accepts these findings."""
    keys = sorted({steady(finding, root) for finding in findings})
    rows = ",\n".join(f"  {json.dumps(dict(zip(_FIELDS, key, strict=True)))}" for key in keys)
    return f'{{\n"baseline_version": {VERSION},\n"findings": [{chr(10) + rows + chr(10) if rows else ""}]\n}}\n'


def load(data: bytes) -> frozenset[Key]:
    """The keys that a baseline accepts. Raises `BaselineError`."""
    try:
        plain: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BaselineError("it is no JSON, perhaps half written") from error
    if not isinstance(plain, dict) or "baseline_version" not in plain:
        raise BaselineError("it has no baseline_version")
    if plain["baseline_version"] != VERSION:
        raise BaselineError(f"it has version {plain['baseline_version']!r}, and this nixpydoctor reads {VERSION}")
    rows = plain.get("findings")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BaselineError("it has no list of findings")
    return frozenset(_key(row) for row in rows)


def _key(row: dict[str, Any]) -> Key:
    rule, dist, place, detail = (row.get(field) for field in _FIELDS)
    if not (isinstance(rule, str) and isinstance(dist, str) and isinstance(place, str) and isinstance(detail, str)):
        raise BaselineError("one of its findings lacks a rule, a dist, a place or a detail")
    return (rule, dist, place, detail)

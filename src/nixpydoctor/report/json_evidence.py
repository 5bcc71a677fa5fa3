"""What a finding rests on, for machines: one shape for each kind of evidence, as `schema-v1.json` promises."""

from __future__ import annotations

from typing import Any, assert_never

from nixpydoctor.edges import Opening
from nixpydoctor.facts import Dist, Imported, PathEntry, Python, Unread, Venv
from nixpydoctor.findings import Evidence, Place, Shadowing
from nixpydoctor.loader.trace import Attempt, Resolution, VersionFault

Plain = dict[str, Any]


def evidence(item: Evidence) -> Plain:
    """One piece of evidence, told apart by `kind`."""
    match item:
        case Resolution():
            return {
                "kind": "resolution",
                "needed": item.needed,
                "requester": item.requester,
                "found": item.found.path if item.found is not None else None,
                "attempts": [_attempt(attempt) for attempt in item.attempts],
            }
        case VersionFault():
            return {
                "kind": "version-fault",
                "requester": item.requester,
                "provider": item.provider,
                "soname": item.soname,
                "version": item.version,
                "weak": item.weak,
            }
        case Unread():
            return {"kind": "unread", **unread_file(item)}
        case Place():
            return {"kind": "place", "path": item.path, "says": item.says}
        case Opening():
            return {
                "kind": "opening",
                "site": item.site,
                "line": item.line,
                "names": list(item.names),
                "source": item.source or None,
            }
        case PathEntry():
            return {"kind": "path-entry", **_path_entry(item)}
        case Shadowing():
            return {
                "kind": "shadowing",
                "name": item.name,
                "winner": item.winner,
                "entry": _path_entry(item.entry),
                "shadowed": [_path_entry(entry) for entry in item.shadowed],
            }
        case Dist():
            return {"kind": "dist", "name": item.name, "version": item.version, "location": item.location}
        case Venv():
            return {"kind": "venv", **venv(item)}
        case Python():
            return {"kind": "python", **python(item)}
        case Imported():
            return {"kind": "imported", "name": item.name, "outcome": item.outcome, "error": item.error}
        case _:
            assert_never(item)


def _path_entry(entry: PathEntry) -> Plain:
    return {"path": entry.path, "provider": entry.provider, "by": entry.by or None}


def _attempt(attempt: Attempt) -> Plain:
    return {
        "path": attempt.path,
        "how": attempt.how.value,
        "source": attempt.source,
        "verdict": attempt.verdict.value,
        "folder": attempt.folder,
        "reason": attempt.reason,
    }


def unread_file(item: Unread) -> Plain:
    """A file that could not be examined."""
    return {"path": item.path, "reason": item.reason, "fatal": item.fatal}


def python(item: Python) -> Plain:
    """A Python and what it said of itself."""
    return {
        "command": item.command,
        "version": item.version,
        "implementation": item.implementation,
        "soabi": item.soabi,
        "prefix": item.prefix,
        "base_prefix": item.base_prefix,
        "basis": item.basis,
        "silence": item.silence,
    }


def venv(item: Venv) -> Plain:
    """A virtual environment, as its `pyvenv.cfg` describes it."""
    return {
        "root": item.root,
        "home": item.home,
        "version": item.version,
        "creator": item.creator,
        "system_site": item.system_site,
        "base": item.base,
        "base_exists": item.base_exists,
    }

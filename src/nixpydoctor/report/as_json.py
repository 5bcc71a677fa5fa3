"""The diagnosis for machines: a frozen copy with a version, described by `schema-v1.json` (JSON Schema 2020-12).

Nothing here is a dump of an internal type: a field appears because it was promised, and stays until the version
changes.
Everything is ASCII, so that a path that is no UTF-8 survives as a lone surrogate escape (PEP 383).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nixpydoctor import __version__, packaged
from nixpydoctor.doctor import Diagnosis, Refusal, Trial
from nixpydoctor.facts import Facts, Loader, World
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.report.causes import unread
from nixpydoctor.report.json_evidence import Plain, evidence, python, unread_file, venv

if TYPE_CHECKING:
    from nixpydoctor.edits import Applied, State
    from nixpydoctor.worlds import Worlds

SCHEMA_VERSION = 1


def schema() -> Plain:
    """The JSON Schema that every report of this version satisfies."""
    text = packaged.text(f"report/schema-v{SCHEMA_VERSION}.json")
    plain: Plain = json.loads(text)
    return plain


def render(diagnosis: Diagnosis, *, applied: Applied | None = None, before: State | None = None) -> str:
    """One JSON document, one line for each finding and offer, so that `grep` and `diff` have something to hold.

    `applied` and `before` are what `fix` did and what it found done.
    """
    parts = [
        f'"schema_version": {SCHEMA_VERSION}',
        f'"tool": {_dumps(_tool(diagnosis))}',
        f'"target": {_dumps(_target(diagnosis.facts))}',
        f'"findings": {_rows(_finding(finding) for finding in diagnosis.findings)}',
        f'"offers": {_rows(_offer(trial, diagnosis.facts) for trial in diagnosis.offers)}',
        f'"not_offered": {_rows(_refusal(refusal) for refusal in diagnosis.not_offered)}',
        f'"unread": {_rows(unread_file(item) for item in unread(diagnosis))}',
        f'"summary": {_dumps(_summary(diagnosis))}',
    ]
    if diagnosis.worlds is not None:
        parts.append(f'"worlds": {_dumps(_worlds(diagnosis.worlds))}')
    if applied is not None:
        parts.append(f'"applied": {_dumps(_applied(applied))}')
    if before is not None:
        parts.append(f'"before": {_dumps(_before(before))}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _dumps(plain: Plain) -> str:
    return json.dumps(plain, ensure_ascii=True, allow_nan=False)


def _rows(rows: Iterable[Plain]) -> str:
    lines = ",\n".join(f"  {_dumps(row)}" for row in rows)
    return f"[\n{lines}\n]" if lines else "[]"


def _tool(diagnosis: Diagnosis) -> Plain:
    return {
        "name": "nixpydoctor",
        "version": __version__,
        "faults": [{"where": fault.where, "error": fault.error} for fault in diagnosis.faults],
    }


def _worlds(worlds: Worlds) -> Plain:
    return {
        "inside": _world(worlds.inside),
        "shell": _world(worlds.shell),
        "only_inside": [entry.path for entry in worlds.only_inside],
        "only_shell": [entry.path for entry in worlds.only_shell],
        "reordered": worlds.reordered,
        "imports": [{"name": pick.name, "inside": pick.inside, "shell": pick.shell} for pick in worlds.picks],
    }


def _world(world: World) -> Plain:
    known, host = world.python, world.host
    return {
        "version": known.version if known is not None else "",
        "prefix": known.prefix if known is not None else "",
        "executable": host.executable if host is not None else known.command if known is not None else "",
        "libpython": host.library if host is not None else None,
        "path": [entry.path for entry in known.path] if known is not None else [],
    }


def _summary(diagnosis: Diagnosis) -> Plain:
    dists = diagnosis.facts.main.dists
    return {
        "errors": diagnosis.count(Severity.ERROR),
        "warnings": diagnosis.count(Severity.WARNING),
        "notes": diagnosis.count(Severity.NOTE),
        "ignored": len(diagnosis.ignored),
        "accepted": len(diagnosis.accepted),
        "unread": len(unread(diagnosis)),
        "dists": len(dists),
        "objects": sum(len(dist.extensions) + len(dist.libraries) + len(dist.programs) for dist in dists),
    }


# ── the target ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _target(facts: Facts) -> Plain:
    process, platform = facts.main.process, facts.platform
    return {
        "path": facts.choice.target,
        "kind": facts.choice.kind,
        "why": facts.choice.why,
        "executable": process.executable,
        "interp": process.interp,
        "loader": _loader(process.loader) if process.loader else None,
        "python": python(facts.main.python) if facts.main.python else None,
        "venv": venv(facts.main.venv) if facts.main.venv else None,
        "platform": {
            "system": platform.system,
            "machine": platform.machine,
            "name": platform.name,
            "nix": platform.nix,
            "fhs_env": platform.fhs_env,
            "container": platform.container,
            "nix_shell": platform.nix_shell,
        },
    }


def _loader(loader: Loader) -> Plain:
    return {
        "path": loader.path,
        "real": loader.real,
        "family": loader.family,
        "shim": loader.shim,
        "version": loader.version,
        "system_dirs": list(loader.system_dirs),
        "cache": loader.cache_path if loader.cache else None,
        "basis": loader.basis,
    }


# ── findings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _finding(finding: Finding) -> Plain:
    return {
        "rule": finding.rule.id,
        "name": finding.rule.name,
        "severity": finding.severity.name.lower(),
        "message": finding.message,
        "subject": finding.subject,
        "dist": finding.dist,
        "version": finding.version,
        "detail": finding.detail,
        "breaks": list(finding.breaks),
        "undecided": list(finding.undecided),
        "loads": finding.loads,
        "hint": finding.hint or None,
        "evidence": [evidence(item) for item in finding.evidence],
        "fingerprint": list(finding.key),
    }


# ── offers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _offer(trial: Trial, facts: Facts) -> Plain:
    from nixpydoctor.report.changes import rows

    treatment = trial.treatment
    return {
        "remedy": treatment.remedy.name,
        "reach": treatment.reach.name.lower(),
        "basis": treatment.basis,
        "cures_all_errors": trial.cures_all_errors,
        "cures": [_named(finding) for finding in trial.cured],
        "causes": [{**_named(finding), "message": finding.message} for finding in trial.caused],
        "reveals": [{**_named(finding), "message": finding.message} for finding in trial.revealed],
        "assumes": list(treatment.assumes),
        "instructions": treatment.instructions,
        "files": [{"name": file.name, "text": file.text} for file in treatment.files],
        "can_apply": bool(treatment.edits),
        "edits": list(rows(treatment.edits, facts)),
    }


def _named(finding: Finding) -> Plain:
    """What tells a finding from the others; a cured one stands in `findings` in full."""
    return {
        "rule": finding.rule.id,
        "severity": finding.severity.name.lower(),
        "subject": finding.subject,
        "detail": finding.detail,
    }


def done(applied: Applied | None) -> str:
    """What was put back, as the document of `fix --undo`; null where there was nothing."""
    return json.dumps(_applied(applied) if applied is not None else None, ensure_ascii=True) + "\n"


def _applied(applied: Applied) -> Plain:
    return {"base": applied.base, "changed": list(applied.changed), "remarks": list(applied.remarks)}


def _before(state: State) -> Plain:
    return {
        "base": state.base,
        "remedies": list(state.remedies),
        "standing": list(state.standing),
        "original": list(state.original),
        "replaced": list(state.replaced),
        "moved_from": state.moved_from,
    }


def _refusal(refusal: Refusal) -> Plain:
    return {"remedy": refusal.remedy.name, "why": refusal.why}

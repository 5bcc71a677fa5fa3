"""Measures the tool: one `check --format json` in each environment against what the judge saw there.

The table becomes `docs/explanation/accuracy.md`: generated, never edited.
"""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import comparison
from lab.comparison import Score
from lab.judgement import HALVES, Environment, Judgement, judge
from lab.machine import HERE, REPOSITORY, LabError, Machine, cache, environment
from lab.roots import Root
from lab.store import Store
from lab.wheels import Bench, interpreters, locked, tool, venv

FIRST_LOOKS = HERE / "first-looks.toml"
PAGE = REPOSITORY / "docs" / "explanation" / "accuracy.md"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One environment and one half of the distributions."""

    half: str
    place: Environment
    extensions: Score
    imports: Score
    loud: tuple[str, ...]
    faults: tuple[str, ...]
    seconds: float
    """Wall time of the one check."""


def environments(store: Store) -> tuple[Environment, ...]:
    """Where the same wheels are judged."""
    both = f"{store['gccLib']}/lib:{store['zlib']}/lib"
    debian, nixos = Root("debian", store), Root("nixos", store)
    return (
        Environment("nix-bare", "Nix Python on Debian", debian, "nix312"),
        Environment("nix-library-path", "the same with gcc's and zlib's folders on LD_LIBRARY_PATH", debian, "nix312",
                    {"LD_LIBRARY_PATH": both}),
        Environment("nix311-bare", "Nix Python 3.11 on Debian", debian, "nix311", halves=("tuned",)),
        Environment("nix-nixos", "Nix Python in the NixOS root", nixos, "nix312"),
        Environment("standalone-debian", "standalone Python on Debian", debian, "standalone312", healthy=True),
        Environment("standalone-nix-ld", "standalone Python through the nix-ld shim in the NixOS root",
                    Root("nixos-nix-ld", store), "standalone312"),
        Environment("standalone-fhs-env", "standalone Python in an FHS environment", Root("fhs-env", store),
                    "standalone312"),
    )  # fmt: skip


def bench(store: Store, half: str, python: str) -> Bench:
    """The venv of one half under one Python."""
    minor = "3.11" if python.endswith("311") else "3.12"
    return venv(store, f"{half}-{python}", interpreters(store)[python], locked(half, minor))


def check(store: Store, target: Path, place: Environment, *, home: Path) -> tuple[dict[str, Any], int]:
    """One run of the tool in a root: its report and its exit code."""
    compiled = f"pycache_prefix={cache() / 'compiled'}"  # an option, not a variable: the tool's children never see it
    python: list[str | Path] = [tool(store).python, "-X", compiled]
    command = [*python, "-m", "nixpydoctor", "check", "--format", "json", target]
    ended = place.root.run(command, place.env, home=home, seconds=600)
    try:
        report: dict[str, Any] = json.loads(ended.out)
    except json.JSONDecodeError:
        said = f"no report from the check in {place.name} (exit {ended.code}):\n{ended.err[-3000:]}"
        raise LabError(said) from None
    return report, ended.code


def measure(store: Store, half: str, place: Environment) -> Measurement:
    """Judges one half in one environment, checks it once, and compares."""
    made = bench(store, half, place.python)
    judgement = judge(made, place, tool(store).python)
    if not judgement.starts:
        raise LabError(f"the Python does not start in {place.name}: {judgement.said}")
    with tempfile.TemporaryDirectory(dir=cache()) as home:
        begin = time.monotonic()
        report, _ = check(store, made.path, place, home=Path(home))
        seconds = time.monotonic() - begin
    for earlier in HALVES[: HALVES.index(half)]:
        other = bench(store, earlier, place.python)
        sites = (str(made.site_packages), str(other.site_packages))
        judgement = comparison.without(judgement, report, judge(other, place, tool(store).python), sites)
    return compared(half, place, report, judgement, str(made.site_packages), seconds)


def compared(
    half: str, place: Environment, report: dict[str, Any], judgement: Judgement, site_packages: str, seconds: float
) -> Measurement:
    """The comparison alone."""
    return Measurement(
        half,
        place,
        comparison.extensions(report, judgement, site_packages),
        comparison.imports(report, judgement),
        tuple(comparison.loud(report, judgement)) if place.healthy else (),
        tuple(f"{fault['where']}: {fault['error'].strip().splitlines()[-1]}" for fault in report["tool"]["faults"]),
        seconds,
    )


def verdict(measurements: Sequence[Measurement]) -> list[str]:
    """What of the promises does not hold; empty where all do."""
    broken = []
    for one in measurements:
        where = f"{one.half}, {one.place.name}"
        if one.extensions.disagreements:
            broken.append(f"{where}: {len(one.extensions.disagreements)} extensions differ (promised: none)")
        broken += [f"{where}: healthy, and yet {line}" for line in one.loud]
        broken += [f"{where}: fault in {line}" for line in one.faults]
    for half in HALVES:
        every = comparison.total(one.imports for one in measurements if one.half == half)
        if every.precision < 0.99 or every.recall < 0.97:
            figures = f"precision {every.precision:.3f} and recall {every.recall:.3f}"
            broken.append(f"{half}: imports have {figures} (promised: 0.99 and 0.97)")
    return broken


def page(measurements: Sequence[Measurement], machine: Machine, left_out: Sequence[str]) -> str:
    """The generated page."""
    today = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
    seen: set[str] = set()
    counts = []
    for half in HALVES:
        mine = {requirement.split("==")[0] for requirement in locked(half)}
        counts.append(f"{len(mine - seen)} {half}")
        seen |= mine
    parts = [
        "# Accuracy\n",
        "Generated by `make lab`; do not edit. What is measured, and how, says [lab.md](lab.md).\n",
        f"{today}, {_versions(machine)}. Distributions: {', '.join(counts)} (each in the first list that has it).\n",
        "## First looks\n",
        "What came out when a held-out list was judged for the first time, before anybody had seen a detail.\n",
        _first_looks(),
        "## Today\n",
    ]
    if left_out:
        parts.append("Left out, no longer in the registry as wheels: " + ", ".join(sorted(set(left_out))) + ".\n")
    parts += [_table(measurements), "## Disagreements\n", _disagreements(measurements)]
    parts += ["## Left out\n", _left_out(measurements)]
    return "\n".join(parts)


def _first_looks() -> str:
    lines = ["| list | date | | judged | agree | precision | recall |", "|---|---|---|--:|--:|--:|--:|"]
    for look in tomllib.loads(FIRST_LOOKS.read_text())["look"]:
        for kind in ("extensions", "imports"):
            judged, agree, precision, recall = look[kind]
            figures = f"{judged} | {agree} of {judged} | {precision:.3f} | {recall:.3f}"
            lines.append(f"| {look['list']} | {look['date']} | {kind} | {figures} |")
    return "\n".join(lines) + "\n"


def _table(measurements: Sequence[Measurement]) -> str:
    lines = [
        "| list | environment | | judged | predicted broken | really broken | agree | precision | recall |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for one in measurements:
        lines.append(_row(one.half, one.place.title, "extensions", one.extensions))
        lines.append(_row(one.half, one.place.title, "imports", one.imports))
    for kind in ("extensions", "imports"):
        for half in (*HALVES, "all"):
            mine = [one for one in measurements if half in ("all", one.half)]
            if mine:
                scores = [one.extensions if kind == "extensions" else one.imports for one in mine]
                lines.append(_row(f"**{half}**", "all", kind, comparison.total(scores)))
    return "\n".join(lines) + "\n"


def _row(half: str, title: str, kind: str, score: Score) -> str:
    agree = f"{score.judged - len(score.disagreements)} of {score.judged}"
    figures = f"{score.predicted} | {score.actual} | {agree} | {score.precision:.3f} | {score.recall:.3f}"
    return f"| {half} | {title} | {kind} | {score.judged} | {figures} |"


def _disagreements(measurements: Sequence[Measurement]) -> str:
    lines = [
        f"| {one.half} | {one.place.name} | {kind} | `{item.what}` | {_cell(item.predicted)} | {_cell(item.actual)} |"
        for one in measurements
        for kind, score in (("extension", one.extensions), ("import", one.imports))
        for item in score.disagreements
    ]
    if not lines:
        return "None.\n"
    return (
        "\n".join(["| list | environment | | which | predicted | what happened |", "|---|---|---|---|---|---|", *lines])
        + "\n"
    )


def _left_out(measurements: Sequence[Measurement]) -> str:
    grouped: dict[str, list[str]] = {}
    for one in measurements:
        for line in (*one.extensions.left_out, *one.imports.left_out):
            grouped.setdefault(_cell(line), []).append(one.place.name)
    lines = [f"- {line} ({', '.join(dict.fromkeys(places))})" for line, places in sorted(grouped.items())]
    return (
        "\n".join(
            ["Neither side counts these: they fail for no linking reason, were killed, or took too long.\n", *lines]
        )
        + "\n"
    )


def _cell(text: str) -> str:
    """One line for a Markdown cell, without this machine's folders and store hashes."""
    flat = re.sub(r"\s+", " ", text).replace("|", "\\|").replace("`", "'")
    flat = re.sub(r"/\S*/site-packages/", "…/", flat)
    return re.sub(r"/nix/store/[a-z0-9]{32}-", "/nix/store/…-", flat)


def _versions(machine: Machine) -> str:
    child = subprocess.run(["nix-build", "--version"], capture_output=True, text=True, env=environment(), check=False)
    nix = child.stdout.strip().rsplit(" ", 1)[-1]
    pythons = " and ".join(python.version for python in machine.pythons.values())
    return f"Nix {nix}, glibc {machine.glibc_version}, CPython {pythons}"

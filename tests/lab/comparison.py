"""Compares what one `check --format json` says with what the judge saw. No list of distributions anywhere.

*Extension*: broken where a finding about that file says `loads: false`; the first missing soname is the first such
finding's detail. *Import*: broken where an error of the loading family names it in `breaks`. Only imports that fail for
a linking reason count; what failed otherwise, timed out or was killed is left out on both sides, by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lab.judgement import Judgement

LINKING = (
    r"cannot open shared object file",
    r"(wrong ELF class|invalid ELF header|file too short|ELF load command|cannot dynamically load executable)",
    r"version `[^']+' not found",
    r"undefined symbol: ",
    r"cannot load library '",
    r"no library called \"",
    r"[Uu]nable to find (the )?\S+( shared)? library",
    r"([Ff]ailed|[Uu]nable) to (find|load|locate) (lib|the |shared )",
    r"(library|Library) (was )?not found",
    r"[Cc]ould(n't| not) (find|load|locate) (the )?\S*lib",
    r"(C library|shared library|dynamic library) (was not found|could not be (found|loaded))",
    r"[Cc]ould(n't| not) find (the |any )?(\S+ )?library",
    r"[Cc]annot find lib\S+",
    r"cannot find a suitable \S+",
    r"[Ff]ail(ed)? to load (the |a )?(dynamic|shared) library",
    r"\blib\S+\.so[\d.]* not found",
    r"No backend available",
)
"""Messages by which the loader, ctypes, cffi or a package that opens a library itself says that it cannot."""
OUTSIDE = (r"static TLS block", r"Illegal instruction", r"CPU (does not|lacks)")
"""Beyond the model: listed one by one, counted on neither side."""
_MISSING = re.compile(r"^(?:.*: )?(\S+): cannot open shared object file", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One prediction that did not come true, or one failure that was not predicted."""

    what: str
    """A path below site-packages, or a module's name."""
    predicted: str
    actual: str


@dataclass(frozen=True, slots=True)
class Score:
    """How a set of predictions did."""

    judged: int
    predicted: int
    actual: int
    hits: int
    disagreements: tuple[Disagreement, ...]
    left_out: tuple[str, ...] = ()

    @property
    def precision(self) -> float:
        return self.hits / self.predicted if self.predicted else 1.0

    @property
    def recall(self) -> float:
        return self.hits / self.actual if self.actual else 1.0


def linking(said: str) -> bool:
    """Whether a failure's chain of messages holds a linking reason."""
    return any(re.search(pattern, said) for pattern in LINKING)


def missing_soname(said: str) -> str | None:
    """The library that the loader says it cannot open, where it says so."""
    found = _MISSING.search(said)
    return found[1] if found else None


def without(judgement: Judgement, report: dict[str, Any], half: Judgement, sites: tuple[str, str]) -> Judgement:
    """What was judged without what the other half holds as well: shared requirements are not held out."""
    here, there = sites
    others = {_short(path, there) for path in half.extensions}
    for finding in report["findings"]:
        finding["breaks"] = [name for name in finding["breaks"] if name not in half.imports]
    return Judgement(
        judgement.starts,
        judgement.said,
        {path: seen for path, seen in judgement.extensions.items() if _short(path, here) not in others},
        {name: seen for name, seen in judgement.imports.items() if name not in half.imports},
    )


def extensions(report: dict[str, Any], judgement: Judgement, site_packages: str) -> Score:
    """Can-load or not, and the first missing soname, for every extension that the judge loaded."""
    broken: dict[str, str] = {}
    for finding in report["findings"]:
        if finding["loads"] is False:
            broken.setdefault(finding["subject"], finding["detail"])
    hits, wrong, left_out = 0, [], []
    judged = dict(judgement.extensions)
    for path, (outcome, said) in list(judged.items()):
        if outcome not in ("ok", "failed") or any(re.search(pattern, said.strip()) for pattern in OUTSIDE):
            left_out.append(f"{_short(path, site_packages)}: {outcome} {_last(said)}".strip())
            del judged[path]
    for path, (outcome, said) in judged.items():
        soname = missing_soname(said) if outcome == "failed" else None
        agree = (path in broken) == (outcome == "failed") and (soname is None or broken.get(path) == soname)
        hits += agree and path in broken
        if not agree:
            wrong.append(Disagreement(_short(path, site_packages), broken.get(path, "loads"), _last(said) or outcome))
    failed = sum(outcome == "failed" for outcome, _ in judged.values())
    return Score(len(judged), len(broken.keys() & judged.keys()), failed, hits, tuple(wrong), tuple(left_out))


def imports(report: dict[str, Any], judgement: Judgement) -> Score:
    """Which top-level imports die of a linking reason."""
    predicted: dict[str, str] = {}
    undecided: dict[str, str] = {}
    for finding in report["findings"]:
        if finding["severity"] == "error" and finding["rule"].startswith("NPD1"):
            for name in finding["breaks"]:
                predicted.setdefault(name, f"{finding['rule']} {finding['detail']}")
        for name in finding.get("undecided", ()):
            undecided.setdefault(name, f"undecided ({finding['rule']} {finding['detail']})")
    actual = {name for name, (outcome, said) in judgement.imports.items() if outcome == "failed" and linking(said)}
    fine = {name for name, (outcome, _) in judgement.imports.items() if outcome == "ok"}
    known = actual | fine
    left_out = tuple(
        f"{name}: {outcome} {_first(said)}".strip()
        for name, (outcome, said) in sorted(judgement.imports.items())
        if name not in known
    )
    wrong = [
        Disagreement(name, predicted.get(name, undecided.get(name, "fine")), _first(judgement.imports[name][1]) or "ok")
        for name in sorted((predicted.keys() & known) ^ actual)
    ]
    wrong += [
        Disagreement(name, predicted[name], "no such module")
        for name in sorted(predicted.keys() - judgement.imports.keys())
    ]
    expected = len(predicted.keys() & known)
    return Score(len(known), expected, len(actual), len(predicted.keys() & actual), tuple(wrong), left_out)


def loud(report: dict[str, Any], judgement: Judgement) -> list[str]:
    """Errors and warnings about loading that harm no import which really fails: a healthy place has none of them."""
    failed = {name for name, (outcome, _) in judgement.imports.items() if outcome != "ok"}
    return [
        f"{finding['severity']} {finding['rule']} {finding['subject']}: {finding['detail']}"
        for finding in report["findings"]
        if finding["severity"] != "note" and finding["rule"].startswith("NPD1") and not failed & set(finding["breaks"])
    ]


def total(scores: Iterable[Score]) -> Score:
    """Several scores as one."""
    every = list(scores)
    return Score(
        sum(score.judged for score in every),
        sum(score.predicted for score in every),
        sum(score.actual for score in every),
        sum(score.hits for score in every),
        tuple(item for score in every for item in score.disagreements),
        tuple(item for score in every for item in score.left_out),
    )


def _short(path: str, site_packages: str) -> str:
    return path.removeprefix(site_packages + "/")


def _last(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1][:160] if lines else ""


def _first(said: str) -> str:
    """The line that names the linking reason, or the outermost exception."""
    lines = [line for line in said.splitlines() if line.strip()]
    return next((line for line in lines if linking(line)), lines[0] if lines else "")[:160]

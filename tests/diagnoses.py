"""Literal diagnoses for the tests of reports: findings without a rule that ran, trials without a remedy that fitted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from build import GLIBC, SITE, STORE_INTERP, a_dist, facts
from nixpydoctor.case import Case
from nixpydoctor.doctor import Diagnosis, Refusal, Trial
from nixpydoctor.facts import Dist, Facts, FsPath
from nixpydoctor.findings import Evidence, Finding, Severity, rule
from nixpydoctor.loader.trace import Attempt, How, Resolution, Verdict
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy


@rule("NPD101", Severity.ERROR, "a needed shared library cannot be found")
def missing_library(case: Case) -> Iterator[Finding]:
    """Stands in for the real rule."""
    yield from ()


@rule("NPD901", Severity.NOTE, "a file could not be read")
def unread_file(case: Case) -> Iterator[Finding]:
    """Stands in for the real rule."""
    yield from ()


@remedy("put the missing libraries on LD_LIBRARY_PATH")
def library_path(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Stands in for the real remedy."""
    yield from ()


@remedy("let nix-ld start programs made for other distributions")
def nix_ld(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Stands in for the real remedy."""
    yield from ()


def a_search(needed: str, requester: str, folders: int = 3) -> Resolution:
    """A search that found nothing: rpath folders, then the loader's own."""
    rpath = tuple(
        Attempt(FsPath(f"{SITE}/x{number}.libs"), How.RPATH, FsPath(requester), Verdict.ABSENT, folder=True)
        for number in range(folders)
    )
    system = Attempt(FsPath(f"{GLIBC}/lib/{needed}"), How.SYSTEM, None, Verdict.ABSENT)
    return Resolution(needed, FsPath(requester), (*rpath, system), None)


def a_missing(
    subject: str,
    soname: str = "libstdc++.so.6",
    *evidence: Evidence,
    dist: Dist | None = None,
    breaks: tuple[str, ...] = ("numpy",),
    severity: Severity | None = None,
    message: str | None = None,
    hint: str = "stdenv.cc.cc.lib",
) -> Finding:
    """A missing library, as the real rule tells it."""
    owner = dist if dist is not None else a_dist()
    return missing_library.finding(
        FsPath(subject),
        message
        if message is not None
        else f"{owner.name} {owner.version} needs {soname}, which this process cannot find",
        *(evidence or (a_search(soname, subject),)),
        dist=owner,
        breaks=breaks,
        severity=severity,
        detail=soname,
        loads=False,
        hint=hint,
    )


def a_trial(world: Facts, cured: tuple[Finding, ...], *caused: Finding, instructions: str = "Do this.") -> Trial:
    """A treatment for the shell that cures these findings."""
    treatment = Treatment(library_path, Reach.SHELL, instructions, world)
    return Trial(treatment, cured, caused, cures_all_errors=True)


def a_diagnosis(*findings: Finding, world: Facts | None = None, instructions: str = "Do this.") -> Diagnosis:
    """Findings, the offer that cures all of them, and a remedy that is refused."""
    world = facts(a_dist(extensions=("numpy/_core.so",))) if world is None else world
    if not findings:
        return Diagnosis(world, ())
    return Diagnosis(
        facts=world,
        findings=tuple(sorted(findings, key=lambda finding: -finding.severity)),
        trials=(a_trial(world, findings, instructions=instructions),),
        not_offered=(Refusal(nix_ld, f"tried on these facts, it cures nothing: it reaches only {STORE_INTERP}"),),
        rules=(missing_library, unread_file),
        order=("library-path", "nix-ld"),
    )


SONAMES = (
    ("libstdc++.so.6", "stdenv.cc.cc.lib"),
    ("libz.so.1", "zlib"),
    ("libgomp.so.1", "stdenv.cc.cc.lib"),
    ("libGL.so.1", "libglvnd"),
    ("libxcb.so.1", "xorg.libxcb"),
    ("libglib-2.0.so.0", "glib.out"),
    ("libX11.so.6", "xorg.libX11"),
    ("libdbus-1.so.3", "dbus.lib"),
    ("libfontconfig.so.1", "fontconfig.lib"),
    ("libEGL.so.1", "libglvnd"),
    ("libxkbcommon.so.0", "libxkbcommon"),
    ("libnss3.so", "nss"),
)


def a_broken_environment(number: int = 600) -> Diagnosis:
    """So many extensions of twenty distributions, each of which lacks a library or more."""
    dists, findings = [], []
    for index in range(20):
        paths = [f"dist{index}/module{part}.cpython-312-x86_64-linux-gnu.so" for part in range(number // 20)]
        dist = replace(a_dist(f"dist{index}", f"1.{index}.0", extensions=paths))
        dists.append(dist)
        soname, hint = SONAMES[index % len(SONAMES)]
        findings += [
            a_missing(path, soname, dist=dist, breaks=(f"dist{index}",), hint=hint) for path in dist.extensions
        ]
    findings.append(
        unread_file.finding(FsPath(f"{SITE}/odd.so"), "not examined: Permission denied", detail="Permission denied")
    )
    return a_diagnosis(
        *findings, world=facts(*dists), instructions="Save this:\n\n```nix\n{ }\n```\n\nThen check again."
    )

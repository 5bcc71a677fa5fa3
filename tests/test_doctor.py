"""The doctor isolates what goes wrong, orders what it offers, and is deterministic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import SITE, a_dist, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import Diagnosis, Trial, diagnose, examine
from nixpydoctor.facts import Dist, Elf, Facts, FsPath, Imported, Project
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.loader import Closures
from nixpydoctor.loader.search import Node
from nixpydoctor.reader import Nothing, Told
from nixpydoctor.recording import NotRecorded
from nixpydoctor.remedies import REMEDIES
from nixpydoctor.remedies.container import container
from nixpydoctor.remedies.library_path import library_path
from nixpydoctor.remedies.nix_python import nix_python
from nixpydoctor.remedies.runpath import runpath
from nixpydoctor.rules.missing_library import missing_library
from nixpydoctor.treatments import NotHere, Reach, Remedy, Treatment, remedy

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"


def broken() -> Facts:
    return facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", "libz.so.1")],
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
    )


def explode(text: str) -> list[Finding]:
    raise ZeroDivisionError(text)


@rule("NPD998", Severity.ERROR, "raises")
def raising(case: Case) -> Iterator[Finding]:
    yield from explode("ours")


@rule("NPD997", Severity.ERROR, "speaks where the variable is set")
def dislikes_variable(case: Case) -> Iterator[Finding]:
    if "LD_LIBRARY_PATH" in case.process.env:
        yield dislikes_variable.finding(FsPath("/x"), "the variable is set")


@remedy("breaks as much as it cures")
def poison(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    process = case.process.setenv("LD_LIBRARY_PATH", "/good")
    libz = {FsPath("/good/libz.so.1"): (an_object("/good/libz.so.1", soname="libz.so.1"),)}
    after = replace(case.facts, main=replace(case.facts.main, process=process), disk=case.disk.overlay(libz))
    yield Treatment(poison, Reach.SHELL, "", after)


@remedy("raises")
def clumsy(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    explode("ours too")
    yield NotHere("never said")


def test_a_rule_that_raises_is_a_fault_and_the_others_report() -> None:
    findings, faults = examine(Case(broken()), (raising, missing_library))
    assert [finding.rule.id for finding in findings] == ["NPD101"]
    assert [fault.where for fault in faults] == ["rule raising"]


def test_a_remedy_that_raises_is_a_fault() -> None:
    diagnosis = diagnose(broken(), remedies=(clumsy,))
    assert [fault.where for fault in diagnosis.faults] == ["remedy clumsy"]


@rule("NPD996", Severity.ERROR, "asks what only the cured process needs to know")
def asks_more(case: Case) -> Iterator[Finding]:
    if "LD_LIBRARY_PATH" in case.process.env:
        raise NotRecorded("the imports", "/later.py")
    yield asks_more.finding(FsPath("/x"), "the variable is not set")


def test_what_a_facts_file_does_not_tell_of_a_trial_is_no_cure() -> None:
    diagnosis = diagnose(broken(), rules=(missing_library, asks_more), remedies=(poison,))
    assert not diagnosis.trials
    (refusal,) = diagnosis.not_offered
    assert refusal.why.startswith(
        "could not be tried: NPD996 was not examined: the facts file does not hold the imports"
    )


def test_what_causes_as_much_as_it_cures_is_not_offered_and_says_so() -> None:
    diagnosis = diagnose(broken(), (missing_library, dislikes_variable), (poison,))
    assert diagnosis.trials[0].cured
    assert not diagnosis.offers
    assert "the variable is set" in diagnosis.not_offered[0].why


def test_a_trial_that_changes_nothing_shares_what_was_worked_out() -> None:
    case = Case(broken())
    examine(case)
    assert case.after(replace(case.facts, home="/home/ada")).closures is case.closures
    process = case.process.setenv("LD_LIBRARY_PATH", "/nothing")
    changed = replace(case.facts, main=replace(case.facts.main, process=process))
    assert case.after(changed).closures is not case.closures
    (extension,) = case.unloadable
    assert case.missing(extension)[0].attempts
    (search,) = case.after(changed).missing(extension)
    assert (search.needed, search.requester, search.attempts) == ("libz.so.1", extension, ())


def test_a_healthy_world_has_no_finding_and_tries_nothing() -> None:
    diagnosis = diagnose(facts())
    assert (diagnosis.findings, diagnosis.trials, diagnosis.not_offered) == ((), (), ())


def test_the_same_facts_afterwards_are_one_case() -> None:
    case = Case(broken())
    libz = {FsPath("/good/libz.so.1"): (an_object("/good/libz.so.1", soname="libz.so.1"),)}
    changed = [replace(case.facts, disk=case.disk.overlay(libz)) for _ in range(2)]
    assert case.after(changed[0]) is case.after(changed[1])
    assert case.after(changed[0]) is not case.after(case.facts)


def test_what_a_treatment_leaves_untouched_is_not_worked_out_again() -> None:
    case = Case(broken())
    examine(case)
    same = case.after(replace(case.facts, project=Project(FsPath("/project"))))
    other = case.after(
        replace(case.facts, main=replace(case.facts.main, process=case.process.setenv("LD_LIBRARY_PATH", "/good")))
    )
    assert same.closures is case.closures
    assert same.reach is case.reach
    assert other.closures is not case.closures
    assert other.extensions is case.extensions
    assert {finding.key for finding in examine(same)[0]} == {finding.key for finding in examine(case)[0]}


def many() -> Facts:
    """So many extensions that a second process is worth it; every third lacks a library."""
    names = [f"pkg/_x{number}.abi3.so" for number in range(120)]
    objects = [an_object(f"{SITE}/{name}", *(["libz.so.1"] if place % 3 else [])) for place, name in enumerate(names)]
    return facts(a_dist(extensions=names), objects=objects, sources={"pkg/__init__.py": "from . import _x1\n"})


class Looking(Disk):
    """A disk beside which somebody else looks symbols up."""

    answer: frozenset[FsPath]
    asked: list[FsPath]

    def settled_elsewhere(
        self, base: tuple[FsPath, ...], paths: Sequence[FsPath], needs: Sequence[tuple[int, ...]], asked: Sequence[int]
    ) -> Callable[[], frozenset[FsPath]]:
        self.asked = [paths[place] for place in asked]
        return lambda: self.answer


def beside(world: Facts, answer: Callable[[Sequence[FsPath]], Iterable[FsPath]] = lambda paths: paths) -> Facts:
    """The same world with such a disk, whose answer is a part of all extensions."""
    disk = Looking(Nothing(Told({EXTENSION: (("nobody_has_it",), ())})), world.disk.recorded())
    disk.answer = frozenset(answer([path for dist in world.main.dists for path in dist.extensions]))
    return replace(world, disk=disk)


EXTENSION = FsPath(f"{SITE}/pkg/_x0.abi3.so")


@pytest.mark.parametrize("answer", [lambda paths: paths, lambda paths: paths[:7], lambda paths: ()])
def test_a_second_process_changes_no_diagnosis(answer: Callable[[Sequence[FsPath]], Iterable[FsPath]]) -> None:
    """Whatever it has time to find settled, the rest is looked up here."""
    alone = diagnose(beside(many(), lambda paths: ()))
    world = beside(many(), lambda paths: [path for path in answer(paths) if path != EXTENSION])
    together = diagnose(world)
    assert isinstance(world.disk, Looking)
    assert EXTENSION in world.disk.asked
    assert [finding.key for finding in together.findings] == [finding.key for finding in alone.findings]
    assert together.faults == ()
    (found,) = [finding for finding in together.findings if finding.rule.id == "NPD111"]
    assert found.subject == EXTENSION
    assert "nobody_has_it" in found.message


def test_whom_the_second_process_found_settled_is_not_looked_up_again() -> None:
    assert not [finding for finding in diagnose(beside(many())).findings if finding.rule.id == "NPD111"]


def test_the_loaders_graph_is_complete_before_somebody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Extensions and plugins alike: the question is about all that they draw in."""
    opened: list[str] = []
    begun: list[list[str]] = []
    first, asked = Closures._opened_first, Looking.settled_elsewhere

    def told(self: Closures, path: FsPath) -> Node | None:
        opened.append(path)
        return first(self, path)

    def apart(self: Looking, *question: Any) -> Callable[[], frozenset[FsPath]]:
        begun.append(opened.copy())
        return asked(self, *question)

    monkeypatch.setattr(Closures, "_opened_first", told)
    monkeypatch.setattr(Looking, "settled_elsewhere", apart)
    world = many()
    plugin = f"{SITE}/pkg/plugin.so"
    (dist,) = world.main.dists
    dists = (replace(dist, libraries=(FsPath(plugin),)),)
    diagnose(beside(replace(world, main=replace(world.main, dists=dists))), remedies=())
    assert plugin in opened
    assert begun == [opened]


@given(st.permutations(range(4)))
def test_the_order_of_the_distributions_does_not_change_what_is_found(order: list[int]) -> None:
    dists: list[Dist] = []
    objects: list[Elf] = []
    for number in range(4):
        extension = f"d{number}/_x.abi3.so"
        dists.append(a_dist(f"d{number}", extensions=[extension]))
        objects.append(an_object(f"{SITE}/{extension}", "libz.so.1" if number % 2 else "libstdc++.so.6"))
    first = diagnose(facts(*dists, objects=objects))
    again = diagnose(facts(*(dists[i] for i in order), objects=[objects[i] for i in order]))
    assert {finding.key for finding in first.findings} == {finding.key for finding in again.findings}
    names = [offer.treatment.remedy.name for offer in first.offers]
    assert names == [offer.treatment.remedy.name for offer in again.offers]


def test_imports_that_were_really_tried_and_are_explained_do_not_spoil_a_cure() -> None:
    said = Imported("numpy", "failed", "ImportError: libz.so.1: cannot open shared object file")
    diagnosis = diagnose(replace(broken(), imported=(said,)))
    assert diagnosis.offers[0].treatment.remedy.name == "library-path"
    assert not diagnosis.offers[0].caused


def test_a_trial_that_cures_notes_alone_is_no_help() -> None:
    quiet = facts(
        a_dist(extensions=[EXT, "numpy/_other.abi3.so"]),
        objects=[
            an_object(f"{SITE}/{EXT}", "libz.so.1"),
            an_object(f"{SITE}/numpy/_other.abi3.so", "libfoo-00000000.so"),
        ],
        sources={"numpy/__init__.py": "from . import _other\n"},
    )
    diagnosis = diagnose(quiet, remedies=[library_path, runpath])
    assert [finding.severity for finding in diagnosis.findings] == [Severity.ERROR, Severity.NOTE]
    assert not diagnosis.offers


def tried(by: Remedy, cured: Sequence[Finding], errors: Sequence[Finding], *, shown: bool) -> Trial:
    """A trial of this remedy that cures these of the errors."""
    treatment = Treatment(by, Reach.PROJECT, "", facts(), basis="simulated" if shown else "assumed")
    return Trial(treatment, tuple(cured), (), cures_all_errors=len(cured) == len(errors))


@given(cured=st.integers(1, 3), order=st.permutations([0, 1, 2]))
def test_a_last_resort_stands_behind_what_cures_most(cured: int, order: list[int]) -> None:
    """A trial that cured two of three errors is better than the promise of a container; one of three is not."""
    errors = tuple(missing_library.finding(FsPath(f"/{number}.so"), "lacks", detail=str(number)) for number in range(3))
    trials = [tried(container, errors, errors, shown=False), tried(runpath, errors[:cured], errors, shown=True)]
    names = tuple(remedy.name for remedy in REMEDIES)
    diagnosis = Diagnosis(facts(), errors, tuple(trials[i] for i in order if i < 2), order=names)
    expected = ["runpath", "container"] if cured > 1 else ["container", "runpath"]
    assert [offer.treatment.remedy.name for offer in diagnosis.offers] == expected


def test_what_is_no_last_resort_keeps_its_place() -> None:
    """All errors first: nix-python's promise of three stands before two that were tried, the container behind both."""
    errors = tuple(missing_library.finding(FsPath(f"/{number}.so"), "lacks", detail=str(number)) for number in range(3))
    trials = (
        tried(container, errors, errors, shown=False),
        tried(runpath, errors[:2], errors, shown=True),
        tried(nix_python, errors, errors, shown=False),
    )
    diagnosis = Diagnosis(facts(), errors, trials, order=tuple(remedy.name for remedy in REMEDIES))
    assert [offer.treatment.remedy.name for offer in diagnosis.offers] == ["nix-python", "runpath", "container"]

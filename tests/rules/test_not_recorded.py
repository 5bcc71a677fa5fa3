"""NPD903 is made by the doctor where a replayed disk lacks an answer; the rule itself asks nothing."""

from __future__ import annotations

from dataclasses import replace

from build import SITE, a_dist, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import examine
from nixpydoctor.rules.not_recorded import not_recorded

EXT = "numpy/_core/_multiarray_umath.cpython-312-x86_64-linux-gnu.so"


def test_a_disk_without_the_answer_is_said_and_never_taken_for_absent() -> None:
    world = facts(a_dist(extensions=[EXT]), objects=[an_object(f"{SITE}/{EXT}", "libz.so.1")])
    findings, faults = examine(Case(replace(world, disk=Disk(None))))
    assert not faults
    assert {finding.rule.id for finding in findings} == {"NPD903"}


def test_silent_by_itself() -> None:
    assert not list(not_recorded.check(Case(facts())))

"""The gate: what is ignored or accepted counts nowhere, remedies included, and comes back when its time is over."""

from __future__ import annotations

from datetime import date

import pytest

from build import SITE, facts
from diagnoses import a_diagnosis, a_missing, a_trial, nix_ld
from nixpydoctor import gate
from nixpydoctor.baseline import BaselineError, dump, load
from nixpydoctor.doctor import Diagnosis, Refusal
from nixpydoctor.facts import FsPath, Project
from nixpydoctor.findings import Severity
from nixpydoctor.fingerprints import fingerprint, steady
from nixpydoctor.gate import Ignore, Terms, sift
from nixpydoctor.light import replace

TODAY = date(2026, 6, 15)
NUMPY = a_missing(f"{SITE}/numpy/a.so")
DRIVER = a_missing(f"{SITE}/numpy/b.so", "libcuda.so.1")
LIBZ = frozenset({"NPD101"})


def diagnosis(*more: object) -> Diagnosis:
    """Two errors, and a treatment that cures the first of them."""
    world = facts(project=Project(FsPath("/home/ada/app")))
    made = a_diagnosis(NUMPY, DRIVER, world=world)
    return replace(made, trials=(a_trial(world, (NUMPY,)),))


@pytest.mark.parametrize(
    ("ignore", "covers"),
    [
        (Ignore("NPD101", LIBZ), (True, True)),
        (Ignore("NPD102", frozenset({"NPD102"})), (False, False)),
        (Ignore("NPD101", LIBZ, dist="numpy"), (True, True)),
        (Ignore("NPD101", LIBZ, dist="torch"), (False, False)),
        (Ignore("NPD101", LIBZ, detail="libcuda.so.*"), (False, True)),
        (Ignore("NPD101", LIBZ, until=TODAY), (True, True)),
        (Ignore("NPD101", LIBZ, until=date(2026, 6, 14)), (False, False)),
    ],
)
def test_an_ignore_takes_out_what_it_speaks_of(ignore: Ignore, covers: tuple[bool, bool]) -> None:
    told = sift(diagnosis(), Terms(ignores=(ignore,)), TODAY).diagnosis
    assert tuple(finding in told.ignored for finding in (NUMPY, DRIVER)) == covers
    assert {*told.ignored, *told.findings} == {NUMPY, DRIVER}


def test_an_ignore_that_is_over_is_named_if_it_would_have_covered_something() -> None:
    over = Ignore("NPD101", LIBZ, until=date(2020, 1, 1))
    idle = Ignore("NPD102", frozenset({"NPD102"}), until=date(2020, 1, 1))
    assert sift(diagnosis(), Terms(ignores=(over, idle)), TODAY).expired == (over,)


def test_what_is_not_selected_is_counted_and_does_not_fail() -> None:
    told = sift(diagnosis(), Terms(select=frozenset({"NPD201"})), TODAY).diagnosis
    assert gate.exit_code(told, Severity.NOTE) == gate.PASSED
    assert told.set_aside == ("2 ignored",)


def test_a_remedy_that_cures_only_what_is_ignored_is_not_offered() -> None:
    assert [trial.cured for trial in diagnosis().offers] == [(NUMPY,)]
    told = sift(diagnosis(), Terms(ignores=(Ignore("x", LIBZ, detail="libstdc*"),)), TODAY).diagnosis
    assert told.offers == ()


def test_a_remedy_cures_all_errors_once_the_rest_is_ignored() -> None:
    told = sift(diagnosis(), Terms(ignores=(Ignore("x", LIBZ, detail="libcuda*"),)), TODAY).diagnosis
    assert [trial.cures_all_errors for trial in told.offers] == [True]


def test_no_remedy_is_spoken_of_where_nothing_is_left_to_cure() -> None:
    made = replace(diagnosis(), not_offered=(Refusal(nix_ld, "it is not here"),))
    assert sift(made, Terms(), TODAY).diagnosis.not_offered == made.not_offered
    told = sift(made, Terms(ignores=(Ignore("x", LIBZ),)), TODAY).diagnosis
    assert (told.trials, told.not_offered) == ((), ())


def test_what_a_remedy_causes_does_not_count_where_it_is_ignored() -> None:
    hurt = a_missing(f"{SITE}/numpy/c.so", "libhurt.so.1")
    made = diagnosis()
    made = replace(made, trials=(a_trial(made.facts, (NUMPY,), hurt),))
    assert made.offers == ()
    assert sift(made, Terms(ignores=(Ignore("x", LIBZ, detail="libhurt*"),)), TODAY).diagnosis.offers != ()


# ── baseline ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_baseline_accepts_what_was_there_and_nothing_new() -> None:
    accepted = load(dump([NUMPY], "/home/ada/app").encode())
    told = sift(diagnosis(), Terms(accepted=accepted), TODAY)
    assert (told.diagnosis.findings, told.diagnosis.accepted, told.fixed) == ((DRIVER,), (NUMPY,), 0)
    assert told.diagnosis.set_aside == ("1 in the baseline",)
    assert gate.exit_code(told.diagnosis) == gate.FINDINGS


def test_what_is_gone_from_the_baseline_is_counted() -> None:
    accepted = load(dump([NUMPY, DRIVER, a_missing(f"{SITE}/numpy/z.so")], None).encode())
    assert sift(diagnosis(), Terms(accepted=accepted), TODAY).fixed == 1


def test_what_is_ignored_is_not_gone_from_the_baseline() -> None:
    terms = Terms(ignores=(Ignore("NPD101", LIBZ),), accepted=load(dump([NUMPY], None).encode()))
    assert sift(diagnosis(), terms, TODAY).fixed == 0


def test_a_baseline_holds_on_another_machine_and_after_a_rebuild() -> None:
    def at(root: str, store: str) -> tuple[str, str, str, str]:
        finding = replace(NUMPY, place="", subject=FsPath(f"{root}/.venv/bin/python"), detail=f"{store}/lib/ld.so")
        return steady(finding, root)

    here = at("/home/ada/app", "/nix/store/9xfaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-glibc-2.40")
    there = at("/builds/42", "/nix/store/0000000000000000000000000000000b-glibc-2.40")
    assert here == there == ("NPD101", "numpy", ".venv/bin/python", "/nix/store/glibc-2.40/lib/ld.so")


def test_a_baseline_is_sorted_with_one_finding_a_line() -> None:
    text = dump([DRIVER, NUMPY, NUMPY], None)
    assert text == dump([NUMPY, DRIVER], None)
    assert text.count("NPD101") == 2
    assert all(line.count("NPD101") <= 1 for line in text.splitlines())
    assert load(dump([], None).encode()) == frozenset()


def test_a_path_that_is_no_text_is_accepted_as_well() -> None:
    odd = replace(NUMPY, place="a\udc80\n.so")
    assert load(dump([odd], None).encode()) == {steady(odd)}
    assert len(fingerprint(odd)) == 32


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "half written"),
        (dump([NUMPY], None).encode()[:-20], "half written"),
        (b"\xff\xfe", "half written"),
        (b"[" * 100_000, "half written"),
        (b"[]", "no baseline_version"),
        (b'{"baseline_version": 2, "findings": []}', "version 2"),
        (b'{"baseline_version": 1}', "no list"),
        (b'{"baseline_version": 1, "findings": [1]}', "no list"),
        (b'{"baseline_version": 1, "findings": [{"rule": "NPD101"}]}', "lacks"),
    ],
)
def test_what_is_no_baseline_is_told(data: bytes, told: str) -> None:
    with pytest.raises(BaselineError, match=told):
        load(data)

"""One line for each finding."""

from __future__ import annotations

from build import GLIBC, SITE
from diagnoses import a_broken_environment, a_diagnosis, a_missing
from nixpydoctor.report import as_concise


def test_each_finding_is_one_line_that_begins_with_its_path() -> None:
    diagnosis = a_broken_environment()
    lines = as_concise.render(diagnosis).splitlines()
    assert len(lines) == len(diagnosis.findings)
    assert lines[0] == (
        f"{SITE}/dist0/module0.cpython-312-x86_64-linux-gnu.so: error[NPD101] "
        "dist0 1.0.0 needs libstdc++.so.6, which this process cannot find"
    )


def test_a_hostile_name_does_not_make_a_second_line() -> None:
    text = as_concise.render(a_diagnosis(a_missing("/v/a\n/etc: error[NPD101] forged\x1b[2J\udcff.so")))
    assert text.count("\n") == 1
    assert text.isprintable() or text[:-1].isprintable()


def test_paths_stay_whole() -> None:
    assert f"{GLIBC}/lib/x.so: error" in as_concise.render(a_diagnosis(a_missing(f"{GLIBC}/lib/x.so")))


def test_a_healthy_environment_says_nothing() -> None:
    assert as_concise.render(a_diagnosis()) == ""

"""NPD207 speaks where PYTHONPATH puts store folders before an environment that is not theirs."""

from __future__ import annotations

from build import a_dist
from nixpydoctor.findings import Severity
from nixpydoctor.rules.leaked_pythonpath import leaked_pythonpath
from paths import FROM_SHELL, OLD_FROM_SHELL, OLD_SITE, STORE_SITE, at, case

STORE = at(STORE_SITE, a_dist("numpy", "1.26.4"))
OWN_NUMPY = a_dist("numpy", "2.3.2")


def test_another_version_than_the_venvs_is_a_warning_that_names_both() -> None:
    (finding,) = leaked_pythonpath.check(case(STORE, before=[FROM_SHELL], hidden=(OWN_NUMPY,)))
    assert finding.detail == "PYTHONPATH"
    assert finding.severity is Severity.WARNING
    assert "numpy 1.26.4 instead of 2.3.2" in finding.message


def test_the_same_version_or_nothing_hidden_is_a_note() -> None:
    same = a_dist("numpy", "1.26.4")
    (equal,) = leaked_pythonpath.check(case(STORE, before=[FROM_SHELL], hidden=(same,)))
    (alone,) = leaked_pythonpath.check(case(STORE, before=[FROM_SHELL], venv=None, store=False))
    assert (equal.severity, alone.severity) == (Severity.NOTE, Severity.NOTE)
    assert "a Python that is not Nix's" in alone.message


def test_silent_in_the_shells_own_python_and_about_another_minor() -> None:
    assert not list(leaked_pythonpath.check(case(STORE, before=[FROM_SHELL], venv=None)))
    assert not list(leaked_pythonpath.check(case(at(OLD_SITE, a_dist()), before=[OLD_FROM_SHELL])))
    assert not list(leaked_pythonpath.check(case(OWN_NUMPY)))

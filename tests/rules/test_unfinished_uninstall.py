"""NPD313 speaks of folders that pip renamed and did not delete."""

from __future__ import annotations

from build import SITE, SUFFIXES, a_library, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, PathEntry, Provider, Python
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.rules.unfinished_uninstall import unfinished_uninstall


def said(*files: str, provider: Provider = "venv") -> list[Finding]:
    python = Python(FsPath("/p"), "3.12.1", suffixes=SUFFIXES, path=(PathEntry(SITE, provider),))
    told = facts(objects=[a_library(f"{SITE}/{path}") for path in files], python=python)
    return list(unfinished_uninstall.check(Case(told)))


def test_what_pip_left_behind_is_a_note() -> None:
    (finding,) = said("~umpy/core.so", "~umpy-2.3.2.dist-info/METADATA", "numpy/core.so")
    assert finding.detail == "~umpy ~umpy-2.3.2.dist-info"
    assert finding.severity is Severity.NOTE
    assert "2 leftovers (~umpy, ~umpy-2.3.2.dist-info)" in finding.message


def test_silent_where_nothing_was_left_and_in_a_folder_of_ones_own() -> None:
    assert said("numpy/core.so") == []
    assert said("~backup/x.so", provider="project") == []

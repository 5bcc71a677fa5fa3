"""NPD311 speaks of two versions in one folder, not of two folders."""

from __future__ import annotations

from build import a_dist, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Dist, FsPath
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.light import replace
from nixpydoctor.rules.duplicate_metadata import duplicate_metadata


def said(*dists: Dist) -> list[Finding]:
    return list(duplicate_metadata.check(Case(facts(*dists))))


def test_two_versions_in_one_folder() -> None:
    (finding,) = said(a_dist("NumPy", "2.3.2"), a_dist("numpy", "1.26.4"))
    assert finding.detail == "numpy 1.26.4 2.3.2"
    assert finding.severity is Severity.NOTE
    assert "2 versions: 1.26.4 and 2.3.2" in finding.message


def test_silent_for_one_version_for_two_folders_and_for_what_has_none() -> None:
    other = replace(a_dist("numpy", "1.26.4"), location=FsPath("/usr/lib/python3/dist-packages"))
    assert said(a_dist("numpy", "2.3.2"), other, a_dist("six", ""), a_dist("six", "1.17")) == []
    assert said(a_dist("numpy", "2.3.2"), a_dist("numpy", "2.3.2")) == []

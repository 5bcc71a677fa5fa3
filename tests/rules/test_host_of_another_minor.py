"""NPD402 warns where the shell has packages for its own Python alone."""

from __future__ import annotations

from a_host import a_host
from build import a_dist
from nixpydoctor.case import Case
from nixpydoctor.findings import Severity
from nixpydoctor.rules.host_of_another_minor import host_of_another_minor


def test_packages_of_the_shells_python_do_not_exist_for_the_host() -> None:
    (finding,) = host_of_another_minor.check(Case(a_host(beside=[a_dist("numpy")], outside="3.11.9")))
    assert finding.detail == "3.12 3.11"
    assert finding.severity is Severity.WARNING
    assert finding.undecided == ("numpy",)
    assert "embeds Python 3.12, and this shell's python3 is 3.11: numpy can be imported there" in finding.message


def test_without_packages_it_is_worth_knowing_and_no_more() -> None:
    (finding,) = host_of_another_minor.check(Case(a_host(outside="3.11.9")))
    assert finding.severity is Severity.NOTE


def test_silent_where_both_are_alike_or_one_is_alone() -> None:
    assert not list(host_of_another_minor.check(Case(a_host(beside=[a_dist("numpy")]))))
    assert not list(host_of_another_minor.check(Case(a_host(beside=None))))

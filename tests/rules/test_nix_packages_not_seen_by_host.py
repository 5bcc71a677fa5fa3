"""NPD405 speaks where packages of a Nix environment are on the path of the shell's Python only."""

from __future__ import annotations

from dataclasses import replace

from a_host import a_host
from build import a_dist
from nixpydoctor.case import Case
from nixpydoctor.facts import Dist, FsPath
from nixpydoctor.rules.nix_packages_not_seen_by_host import nix_packages_not_seen_by_host

ENVIRONMENT = FsPath("/nix/store/1envaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1-env/lib/python3.12/site-packages")


def of_nix(name: str) -> Dist:
    return replace(a_dist(name), location=ENVIRONMENT)


def test_the_wrapper_knows_them_and_the_host_does_not() -> None:
    (finding,) = nix_packages_not_seen_by_host.check(Case(a_host(beside=[of_nix("numpy")])))
    assert finding.undecided == ("numpy",)
    assert finding.detail == ENVIRONMENT
    assert "numpy cannot be imported in it" in finding.message


def test_silent_where_the_host_has_them_too_or_they_are_of_another_minor() -> None:
    assert not list(nix_packages_not_seen_by_host.check(Case(a_host(of_nix("numpy"), beside=[of_nix("numpy")]))))
    assert not list(nix_packages_not_seen_by_host.check(Case(a_host(beside=[of_nix("numpy")], outside="3.11.9"))))
    assert not list(nix_packages_not_seen_by_host.check(Case(a_host(beside=[a_dist("numpy")]))))

"""NPD504 speaks where nix-ld's list holds what a Python of the store lacks."""

from __future__ import annotations

from build import SITE, a_dist, a_library, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Severity
from nixpydoctor.rules.nix_ld_without_reach import nix_ld_without_reach

EXT = "numpy/_core.so"


def world(env: dict[str, str], store: bool = True) -> Facts:
    held = [an_object(f"{SITE}/{EXT}", "libz.so.1"), a_library("/list/libz.so.1")]
    return facts(a_dist(extensions=[EXT]), objects=held, env=env, store=store)


def test_the_missing_library_lies_in_the_list() -> None:
    (finding,) = nix_ld_without_reach.check(Case(world({"NIX_LD_LIBRARY_PATH": "/empty:/list"})))
    assert (finding.severity, finding.detail) == (Severity.NOTE, "libz.so.1")
    assert "list has libz.so.1" in finding.message
    assert "nix-ld is not asked" in finding.message


def test_silent_where_the_list_has_it_not_and_where_nothing_speaks_of_nix_ld() -> None:
    assert not list(nix_ld_without_reach.check(Case(world({"NIX_LD_LIBRARY_PATH": "/empty"}))))
    assert not list(nix_ld_without_reach.check(Case(world({"NIX_LD_LIBRARY_PATH": ""}))))


def test_silent_for_a_python_that_is_not_nixs() -> None:
    assert not list(nix_ld_without_reach.check(Case(world({"NIX_LD_LIBRARY_PATH": "/list"}, store=False))))

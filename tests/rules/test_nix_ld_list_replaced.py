"""NPD513 speaks where a variable hides a library that the machine's nix-ld has."""

from __future__ import annotations

from build import SITE, a_dist, a_library, an_object, facts, fhs_loader
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts
from nixpydoctor.rules.nix_ld_list_replaced import nix_ld_list_replaced

EXT = "numpy/_core.so"
LIST = "/run/current-system/sw/share/nix-ld/lib"


def world(env: dict[str, str], held: str = f"{LIST}/libz.so.1") -> Facts:
    objects = [an_object(f"{SITE}/{EXT}", "libz.so.1"), a_library(held)]
    loader = fhs_loader(shim="nix-ld", library_path="/mine")
    return facts(a_dist(extensions=[EXT]), objects=objects, env=env, store=False, loader=loader)


def test_the_variable_and_the_hidden_library_are_named() -> None:
    (finding,) = nix_ld_list_replaced.check(Case(world({"NIX_LD_LIBRARY_PATH": "/mine"})))
    assert finding.detail == "libz.so.1"
    assert finding.message == "NIX_LD_LIBRARY_PATH replaces the list of the machine, which has libz.so.1"


def test_silent_where_the_machine_has_it_not_and_without_the_variable() -> None:
    assert not list(nix_ld_list_replaced.check(Case(world({"NIX_LD_LIBRARY_PATH": "/mine"}, "/x/libz.so.1"))))
    assert not list(nix_ld_list_replaced.check(Case(world({}))))

"""NPD110 speaks where stub-ld answers instead of a loader."""

from __future__ import annotations

from build import FHS_INTERP, facts, fhs_loader
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath
from nixpydoctor.rules.absent_loader import absent_loader
from nixpydoctor.rules.stub_loader import stub_loader

STUB = fhs_loader(family="stub", real=FsPath("/nix/store/2staaaaaaaaaaaaaaaaaaaaaaaaaaaaa-stub-ld/bin/stub-ld"))


def test_a_python_that_would_meet_stub_ld() -> None:
    world = facts(store=False, loader=STUB, fhs=STUB, system="nixos")
    (finding,) = stub_loader.check(Case(world))
    assert finding.detail == FHS_INTERP
    assert f"at its interp {FHS_INTERP} stands stub-ld" in finding.message
    assert not list(absent_loader.check(Case(world))), "there is a file at the interp"


def test_silent_about_a_store_python_beside_stub_ld() -> None:
    assert not list(stub_loader.check(Case(facts(fhs=STUB, system="nixos"))))

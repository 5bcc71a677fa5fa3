"""NPD109 speaks where the kernel would find no loader."""

from __future__ import annotations

from build import FHS_INTERP, a_dist, an_object, facts, fhs_loader
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath
from nixpydoctor.rules.absent_loader import absent_loader

TOOL = FsPath("/home/ada/app/.venv/bin/ruff")


def test_a_python_of_another_distribution_on_nixos() -> None:
    (finding,) = absent_loader.check(Case(facts(store=False, loader=None, system="nixos")))
    assert finding.detail == FHS_INTERP
    assert f"its interp {FHS_INTERP} does not exist" in finding.message
    assert not finding.loads


def test_a_compiled_console_program_whose_interp_is_missing() -> None:
    world = facts(a_dist("ruff", programs=[TOOL]), objects=[an_object(TOOL, interp="/lib64/gone-ld.so")])
    (finding,) = absent_loader.check(Case(world))
    assert (finding.subject, finding.dist) == (TOOL, "ruff")
    assert "interp /lib64/gone-ld.so does not exist" in finding.message


def test_silent_where_the_loader_is_there() -> None:
    world = facts(
        a_dist("ruff", programs=[TOOL]), objects=[an_object(TOOL, interp=FHS_INTERP)], store=False, fhs=fhs_loader()
    )
    assert not list(absent_loader.check(Case(world)))

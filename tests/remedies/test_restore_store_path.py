"""restore-store-path is offered where a store path is lost, on a machine that has a store."""

from __future__ import annotations

import pytest

from build import STORE_PYTHON, facts
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Facts, FsPath, Venv, parent, store_path
from nixpydoctor.light import replace

ROOT = FsPath("/home/ada/app/.venv")


def lost(base: str = STORE_PYTHON, *, exists: bool = False) -> Facts:
    return facts(venv=Venv(ROOT, parent(base), "3.12.1", "venv", False, base=FsPath(base), base_exists=exists))


def offer(told: Facts) -> Trial | None:
    offers = diagnose(told).offers
    return next((trial for trial in offers if trial.treatment.remedy.name == "restore-store-path"), None)


def test_it_is_expected_to_cure_a_collected_base_and_keeps_it_this_time() -> None:
    found = offer(lost())
    assert found is not None
    assert {finding.rule.id for finding in found.cured} == {"NPD301"}
    assert found.treatment.basis == "assumed"
    assert f"nix-store --realise {store_path(STORE_PYTHON)} --add-root {ROOT}/nix-base" in found.treatment.instructions
    assert not found.caused


def test_it_comes_before_making_everything_anew() -> None:
    names = [trial.treatment.remedy.name for trial in diagnose(lost()).offers]
    assert names.index("restore-store-path") < names.index("rebuild-venv")


@pytest.mark.parametrize("base", ["/usr/bin/python3.12", "/home/ada/.local/share/uv/python/x/bin/python3.12"])
def test_not_offered_for_what_was_never_in_the_store(base: str) -> None:
    assert offer(lost(base)) is None


def test_not_offered_where_nothing_is_lost_or_there_is_no_store() -> None:
    assert offer(lost(exists=True)) is None
    told = lost()
    assert offer(replace(told, platform=replace(told.platform, nix=False))) is None

"""NPD301 speaks where the venv outlived its Python."""

from __future__ import annotations

from build import STORE_PYTHON, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Venv
from nixpydoctor.rules.venv_base_gone import venv_base_gone

ROOT = FsPath("/home/ada/app/.venv")


def test_a_base_that_was_collected_from_the_store() -> None:
    venv = Venv(ROOT, FsPath("/nix/store/x/bin"), "3.12.1", "venv", False, base=STORE_PYTHON, base_exists=False)
    (finding,) = venv_base_gone.check(Case(facts(venv=venv)))
    assert finding.subject == ROOT
    assert "collected from the Nix store" in finding.message


def test_silent_where_the_base_is_there() -> None:
    venv = Venv(ROOT, FsPath("/nix/store/x/bin"), "3.12.1", "venv", False, base=STORE_PYTHON)
    assert not list(venv_base_gone.check(Case(facts(venv=venv))))

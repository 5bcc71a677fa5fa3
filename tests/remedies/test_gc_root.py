"""gc-root cures what works until the next collection, and nothing else."""

from __future__ import annotations

from build import STORE_PYTHON, facts
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Facts, FsPath, Project, Venv, parent, store_path

ROOT = FsPath("/home/ada/my app/.venv")
HELD = store_path(STORE_PYTHON)


def world(roots: tuple[FsPath, ...] | None, *, held: FsPath | None = HELD, files: tuple[str, ...] = ()) -> Facts:
    venv = Venv(ROOT, parent(STORE_PYTHON), "3.12.1", "venv", False, base=STORE_PYTHON, held=held, roots=roots)
    return facts(venv=venv, project=Project(parent(ROOT), files))


def offer(told: Facts) -> Trial | None:
    return next((trial for trial in diagnose(told).offers if trial.treatment.remedy.name == "gc-root"), None)


def test_it_cures_a_base_without_roots_and_is_the_first_offer() -> None:
    found = offer(world(()))
    assert found is not None
    assert {finding.rule.id for finding in found.cured} == {"NPD303"}
    assert found.treatment.basis == "simulated"
    wanted = f"nix-store --realise {HELD} --add-root '{ROOT}/nix-base' --indirect"
    assert wanted in found.treatment.instructions
    assert diagnose(world(())).offers[0].treatment.remedy.name == "gc-root"


def test_a_project_with_a_flake_hears_of_nix_direnv() -> None:
    found = offer(world((), files=("flake.nix",)))
    assert found is not None
    assert "use flake" in found.treatment.instructions
    plain = offer(world(()))
    assert plain is not None
    assert "direnv" not in plain.treatment.instructions


def test_not_offered_where_a_root_keeps_it_or_nobody_knows() -> None:
    assert offer(world((FsPath("/nix/var/nix/profiles/system-1-link"),))) is None
    assert offer(world(None)) is None, "a note is no reason to act"


def test_not_offered_where_nothing_of_it_is_in_the_store() -> None:
    assert offer(world(None, held=None)) is None

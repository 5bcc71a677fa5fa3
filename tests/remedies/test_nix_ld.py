"""nix-ld cures programs whose interp is the FHS path on NixOS, and nothing else."""

from __future__ import annotations

from build import FHS_INTERP, SITE, a_dist, an_object, facts, fhs_loader
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.treatments import Reach

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"
STUB = fhs_loader(family="stub", real=FsPath("/nix/store/2staaaaaaaaaaaaaaaaaaaaaaaaaaaaa-stub-ld/bin/stub-ld"))


def lacking(soname: str, *, store: bool, stub: bool = False, system: str = "nixos") -> Facts:
    return facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", soname, "libc.so.6")],
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
        store=store,
        loader=(STUB if stub else None) if not store else "default",
        fhs=STUB if stub else None,
        system=system,
    )


def offered(world: Facts) -> list[str]:
    return [offer.treatment.remedy.name for offer in diagnose(world).offers]


def test_a_dead_fhs_python_starts_and_the_libraries_that_this_reveals_come_along() -> None:
    diagnosis = diagnose(lacking("libstdc++.so.6", store=False))
    offer = next(offer for offer in diagnosis.offers if offer.treatment.remedy.name == "nix-ld")
    assert {finding.rule.id for finding in offer.cured} == {"NPD109"}
    assert offer.cures_all_errors, "refitted on its own outcome until nothing new appears"
    assert "stdenv.cc.cc.lib" in offer.treatment.files[0].text


def test_it_takes_the_place_of_stub_ld() -> None:
    assert "nix-ld" in offered(lacking("libz.so.1", store=False, stub=True))


def test_it_cures_nothing_for_a_store_python_and_says_whom_it_reaches() -> None:
    diagnosis = diagnose(lacking("libstdc++.so.6", store=True))
    assert "nix-ld" not in [offer.treatment.remedy.name for offer in diagnosis.offers]
    (why,) = [refusal.why for refusal in diagnosis.not_offered if refusal.remedy.name == "nix-ld"]
    assert FHS_INTERP in why


def test_it_is_a_nixos_module_and_refuses_elsewhere() -> None:
    diagnosis = diagnose(lacking("libstdc++.so.6", store=False, system="linux"))
    assert "nix-ld" in [refusal.remedy.name for refusal in diagnosis.not_offered]


def test_an_installed_nix_ld_with_too_few_libraries_gets_the_missing_ones() -> None:
    shim = fhs_loader(shim="nix-ld", library_path="/run/current-system/sw/share/nix-ld/lib")
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", "libGL.so.1", "libc.so.6")],
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
        store=False,
        loader=shim,
        fhs=shim,
        system="nixos",
    )
    offers = [offer.treatment for offer in diagnose(world).offers if offer.treatment.remedy.name == "nix-ld"]
    lists = {offer.reach: loader.library_path for offer in offers if (loader := offer.after.main.process.loader)}
    machine = "/run/current-system/sw/share/nix-ld/lib"
    assert lists == {
        Reach.SHELL: f"/${{pkgs.libGL}}/lib:{machine}",
        Reach.SYSTEM: f"{machine}:/${{pkgs.libGL}}/lib",
    }
    shell = next(offer for offer in offers if offer.reach is Reach.SHELL)
    assert f'+ ":" + "{machine}"' in shell.files[0].text
    assert "LD_LIBRARY_PATH" not in shell.after.main.process.env


def test_a_variable_for_the_system_would_win_over_that_of_a_shell() -> None:
    shim = fhs_loader(shim="nix-ld", library_path="/mine")
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", "libGL.so.1", "libc.so.6")],
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
        env={"NIX_LD_LIBRARY_PATH_x86_64_linux": "/mine"},
        store=False,
        loader=shim,
        fhs=shim,
        system="nixos",
    )
    offers = [offer.treatment for offer in diagnose(world).offers if offer.treatment.remedy.name == "nix-ld"]
    assert [offer.reach for offer in offers] == [Reach.SYSTEM]

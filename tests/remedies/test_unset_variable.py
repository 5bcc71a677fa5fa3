"""unset-variable cures what a variable alone breaks, and is not offered for a variable that is needed."""

from __future__ import annotations

from dataclasses import replace

from build import (
    FHS_INTERP,
    GLIBC,
    SITE,
    STORE_INTERP,
    a_dist,
    a_glibc,
    a_library,
    an_object,
    facts,
    fhs_loader,
    store_loader,
)
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import Diagnosis, Trial, diagnose
from nixpydoctor.facts import Facts, FsPath, Project

PERL = an_object("/usr/bin/perl", "libc.so.6", interp=FHS_INTERP)
EXT = "numpy/_core.cpython-312-x86_64-linux-gnu.so"


def offers(diagnosis: Diagnosis) -> list[Trial]:
    assert not diagnosis.faults
    return [offer for offer in diagnosis.offers if offer.treatment.remedy.name == "unset-variable"]


def test_a_library_path_that_only_does_harm_goes() -> None:
    world = facts(
        objects=[PERL],
        env={"LD_LIBRARY_PATH": f"{GLIBC}/lib"},
        fhs=fhs_loader(),
        programs={"perl": PERL.path},
    )
    (offer,) = offers(diagnose(world))
    assert [finding.rule.id for finding in offer.cured] == ["NPD507"]
    assert "unset LD_LIBRARY_PATH" in offer.treatment.instructions


def test_one_that_an_extension_needs_stays() -> None:
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[PERL, an_object(f"{SITE}/{EXT}", "libz.so.1"), a_library("/z/libz.so.1", "libc.so.6")],
        sources={"numpy/__init__.py": "from . import _core\n"},
        env={"LD_LIBRARY_PATH": f"/z:{GLIBC}/lib"},
        fhs=fhs_loader(),
        programs={"perl": PERL.path},
    )
    diagnosis = diagnose(world)
    assert [finding.rule.id for finding in diagnosis.findings] == ["NPD507"]
    assert not offers(diagnosis)


def test_a_preload_that_stops_python_goes() -> None:
    world = facts(objects=a_glibc("/n", "2.99"), env={"LD_PRELOAD": "/n/lib/libc.so.6"})
    (offer,) = offers(diagnose(world))
    assert offer.cures_all_errors


def test_pythonhome_goes_and_the_line_that_sets_it_is_named() -> None:
    project = Project(FsPath("/home/ada/app"), (".envrc",))
    world = facts(env={"PYTHONHOME": "/home/ada/app/.venv"}, project=project)
    disk = Disk.closed(
        [obj for found in world.disk.recorded().objects.values() if isinstance(found, tuple) for obj in found],
        texts={FsPath("/home/ada/app/.envrc"): "use nix\nexport PYTHONHOME=$PWD/.venv\n"},
    )
    (offer,) = offers(diagnose(replace(world, disk=disk)))
    assert "line 2 of .envrc" in offer.treatment.instructions


def nix_ld(env: dict[str, str]) -> Facts:
    """A standalone Python on NixOS whose shell sends nix-ld to a loader that is gone."""
    gone = fhs_loader(shim="nix-ld", real=FsPath("/nix/store/gone/ld.so"), system_dirs=())
    machines = store_loader(path=FsPath("/run/current-system/sw/share/nix-ld/lib/ld.so"), real=STORE_INTERP)
    return facts(env=env, store=False, system="nixos", loader=gone, loaders=[machines])


def test_a_stale_nix_ld_goes_in_each_of_its_spellings() -> None:
    gone = "/nix/store/gone/ld.so"
    (offer,) = offers(diagnose(nix_ld({"NIX_LD": gone, "NIX_LD_x86_64_linux": gone})))
    assert "unset NIX_LD NIX_LD_x86_64_linux" in offer.treatment.instructions
    assert offer.cures_all_errors


def test_nothing_is_offered_where_no_variable_is_set() -> None:
    assert not offers(diagnose(facts(executable_needs=("libgone.so.1",))))


def test_what_a_variable_does_is_the_same_finding_for_another_python() -> None:
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", "libz.so.1"), a_library("/usr/lib/libz.so.1", "libc.so.6")],
        sources={"numpy/__init__.py": "from . import _core\n"},
        env={"PYTHONPATH": "/x:", "LD_PRELOAD": "/gone.so"},
        fhs=fhs_loader(),
    )
    (offer,) = [o for o in diagnose(world).offers if o.treatment.remedy.name == "standalone-python"]
    assert not offer.caused

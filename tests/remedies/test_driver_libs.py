"""driver-libs names a folder with nothing but the driver, and never one of the distribution's own."""

from __future__ import annotations

from build import SITE, a_dist, a_library, an_object, facts, fhs_loader, store_loader
from nixpydoctor.doctor import Diagnosis, Trial, diagnose
from nixpydoctor.facts import Elf, Facts, Loader
from nixpydoctor.remedies import REMEDIES
from nixpydoctor.treatments import Reach

EXT = "torch/_C.cpython-312-x86_64-linux-gnu.so"


def world(*driver: str, system: str = "linux", store: bool = True, loader: Loader | None = None) -> Facts:
    held: list[Elf] = [an_object(f"{SITE}/{EXT}", "libcuda.so.1")]
    held += [a_library(path, "libc.so.6") for path in driver]
    return facts(
        a_dist("torch", extensions=[EXT]),
        objects=held,
        sources={"torch/__init__.py": "from . import _C\n"},
        system=system,
        store=store,
        loader=loader or "default",
    )


def offers(diagnosis: Diagnosis) -> list[Trial]:
    assert not diagnosis.faults
    return [offer for offer in diagnosis.offers if offer.treatment.remedy.name == "driver-libs"]


def refused(diagnosis: Diagnosis) -> str:
    return next((no.why for no in diagnosis.not_offered if no.remedy.name == "driver-libs"), "")


def test_the_folder_of_nixos_cures() -> None:
    (offer,) = offers(diagnose(world("/run/opengl-driver/lib/libcuda.so.1", system="nixos")))
    assert offer.cures_all_errors
    assert offer.treatment.basis == "simulated"
    assert "LD_LIBRARY_PATH=/run/opengl-driver/lib" in offer.treatment.instructions


def test_so_does_that_of_windows() -> None:
    (offer,) = offers(diagnose(world("/usr/lib/wsl/lib/libcuda.so.1")))
    assert "/usr/lib/wsl/lib" in offer.treatment.after.main.process.env["LD_LIBRARY_PATH"]


def test_from_a_distributions_folder_only_links_to_the_driver_are_taken() -> None:
    folder = "/usr/lib/x86_64-linux-gnu"
    diagnosis = diagnose(world(f"{folder}/libcuda.so.1", f"{folder}/libnvidia-x.so.1", f"{folder}/libssl.so.3"))
    (offer,) = offers(diagnosis)
    assert offer.cures_all_errors
    assert folder not in offer.treatment.after.main.process.env["LD_LIBRARY_PATH"]
    assert f"ln -sf {folder}/libcuda.so*" in offer.treatment.instructions


def test_the_driver_before_a_stub_cures_that_too() -> None:
    held = [an_object(f"{SITE}/{EXT}", "libcuda.so.1")]
    held += [a_library(f"{folder}/libcuda.so.1", "libc.so.6") for folder in ("/cuda/stubs", "/run/opengl-driver/lib")]
    world = facts(a_dist("torch", extensions=[EXT]), objects=held, env={"LD_LIBRARY_PATH": "/cuda/stubs"})
    (offer,) = offers(diagnose(world))
    assert [finding.rule.id for finding in offer.cured] == ["NPD515"]
    assert offer.treatment.after.main.process.env["LD_LIBRARY_PATH"] == "/run/opengl-driver/lib:/cuda/stubs"


def test_on_nixos_without_a_driver_its_configuration_comes_first() -> None:
    (offer,) = offers(diagnose(world(system="nixos")))
    assert (offer.treatment.basis, offer.treatment.reach) == ("assumed", Reach.SYSTEM)
    assert "hardware.graphics.enable" in offer.treatment.instructions


def test_not_offered_where_no_driver_is_and_where_the_c_library_is_another() -> None:
    diagnosis = diagnose(world())
    assert not offers(diagnosis)
    assert "install that of the distribution" in refused(diagnosis)
    musl = diagnose(world("/run/opengl-driver/lib/libcuda.so.1", loader=store_loader(family="musl")))
    assert not offers(musl)
    assert "glibc" in refused(musl)


def test_not_offered_to_a_python_that_looks_there_by_itself() -> None:
    facts_ = world("/usr/lib64/libcuda.so.1", store=False, loader=fhs_loader())
    assert "by itself" in refused(diagnose(facts_))


def test_nobody_hears_of_it_where_no_driver_is_wanted() -> None:
    assert any(remedy.name == "driver-libs" for remedy in REMEDIES)
    broken = facts(executable_needs=("libgone.so.1",))
    assert not refused(diagnose(broken))

"""standalone-python is assumed, never proved; it needs a loader for such a Python and a project that admits it."""

from __future__ import annotations

from build import SITE, a_dist, a_library, an_object, facts, fhs_loader
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Elf, Facts, FsPath, Host, Loader, Project
from nixpydoctor.light import replace

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"


def broken(*, fhs: Loader | None, system: str = "linux", requires: str | None = None, host: bool = True) -> Facts:
    objects: list[Elf] = [an_object(f"{SITE}/{EXT}", "libstdc++.so.6", "libc.so.6")]
    if host:
        objects.append(a_library("/usr/lib/libstdc++.so.6", "libc.so.6"))
    return facts(
        a_dist(extensions=[EXT]),
        objects=objects,
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
        fhs=fhs,
        system=system,
        project=Project(FsPath("/home/ada/app"), ("pyproject.toml",), requires),
    )


def offer(world: Facts) -> Trial | None:
    return next((o for o in diagnose(world).offers if o.treatment.remedy.name == "standalone-python"), None)


def test_on_a_distribution_the_hosts_own_libraries_cure() -> None:
    found = offer(broken(fhs=fhs_loader()))
    assert found is not None
    assert found.treatment.basis == "assumed"
    assert found.treatment.assumes
    assert "3.12" in found.treatment.instructions


def test_a_simulated_cure_comes_before_an_assumed_one() -> None:
    offers = diagnose(broken(fhs=fhs_loader())).offers
    names = [o.treatment.remedy.name for o in offers]
    assert names[:2] == ["library-path", "library-path"]
    assert "standalone-python" in names
    bases = [o.treatment.basis for o in offers if o.cures_all_errors]
    assert bases == sorted(bases, key="simulated".__ne__)


def test_an_envrc_that_is_there_is_added_to() -> None:
    world = broken(fhs=fhs_loader())
    found = offer(replace(world, project=Project(FsPath("/home/ada/app"), (".envrc",))))
    assert found is not None
    assert "add these lines to your `.envrc`" in found.treatment.instructions
    assert "save this" not in found.treatment.instructions


def test_not_offered_where_the_host_lacks_the_library_too() -> None:
    assert offer(broken(fhs=fhs_loader(), host=False)) is None


def test_on_nixos_it_comes_with_nix_ld_and_its_libraries() -> None:
    found = offer(broken(fhs=None, system="nixos", host=False))
    assert found is not None
    assert "nix-ld" in found.treatment.instructions
    assert "stdenv.cc.cc.lib" in found.treatment.instructions


def test_not_offered_where_the_project_asks_for_another_python() -> None:
    assert offer(broken(fhs=fhs_loader(), requires=">=3.13")) is None


def test_not_offered_where_nothing_could_start_it() -> None:
    assert offer(broken(fhs=None)) is None


def test_a_program_keeps_its_python_whatever_a_venv_has() -> None:
    """A Nix program that embeds Python is no venv: another Python beside it changes nothing for it."""
    world = broken(fhs=fhs_loader())
    inside = replace(world, main=replace(world.main, host=Host("libpython3.12.so.1.0", None, None)))
    assert offer(inside) is None

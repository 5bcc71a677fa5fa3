"""install-names names the one file that fits, signs again, and stays silent where none or several do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from a_mac import SITE, a_mac, a_mac_dist, an_extension, an_image, in_venv
from nixpydoctor.darwin import X86_64, MachO
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Facts, FsPath, join
from nixpydoctor.light import replace

EXT = "numpy.cpython-312-darwin.so"
GONE = "/nix/store/0c5dpqzkajlvvgmmfkvnqkqn5mdgzcbs-gfortran-13.2.0-lib/lib/libgfortran.5.dylib"
HERE = FsPath("/nix/store/1gfaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-gfortran-14.2.0-lib")
OTHER = FsPath("/nix/store/2gfaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-gfortran-12.1.0-lib")


def library(path: FsPath, **more: object) -> MachO:
    return an_image(f"{path}/lib/libgfortran.5.dylib", **more)  # type: ignore[arg-type]


def world(
    *images: MachO,
    needed: str = GONE,
    libraries: tuple[FsPath, ...] = (),
    stored: Mapping[str, Iterable[FsPath]] | None = None,
) -> Facts:
    """An extension that needs `needed`, and what is in the store by the name of its package."""
    dist = a_mac_dist("numpy", EXT, libraries=libraries)
    told = a_mac(dist, images=[an_extension(EXT, needed), *images])
    python = told.disk.slices(told.main.process.executable)
    assert isinstance(python, tuple)
    held = {name: tuple(paths) for name, paths in (stored or {}).items()}
    return in_venv(replace(told, disk=Disk.closed(slices=[*python, an_extension(EXT, needed), *images], stored=held)))


def offer(told: Facts) -> Trial | None:
    found = [trial for trial in diagnose(told).offers if trial.treatment.remedy.name == "install-names"]
    return found[0] if found else None


def test_another_version_of_the_store_is_named_and_kept() -> None:
    found = offer(world(library(HERE), stored={"gfortran": [HERE]}))
    assert found is not None
    assert [finding.rule.id for finding in found.cured] == ["NPD601"]
    assert not found.caused
    steps = found.treatment.instructions
    path = join(SITE, EXT)
    assert f"$ install_name_tool -change {GONE} {HERE}/lib/libgfortran.5.dylib {path}\n" in steps
    assert steps.index("install_name_tool") < steps.index(f"$ codesign --force --sign - {path}\n")
    assert f"$ nix-store --realise {HERE} --add-root /Users/ada/app/.venv/nix-base --indirect\n" in steps
    assert (found.treatment.basis, found.treatment.edits) == ("simulated", ())
    assert "DYLD_" not in steps


def test_a_library_that_the_distribution_brings_is_named_relative_to_the_object() -> None:
    bundled = an_image("numpy/.dylibs/libgfortran.5.dylib")
    found = offer(world(bundled, needed="@rpath/libgfortran.5.dylib", libraries=(bundled.path,)))
    assert found is not None
    assert [finding.rule.id for finding in found.cured] == ["NPD101"]
    steps = found.treatment.instructions
    assert "-change @rpath/libgfortran.5.dylib @loader_path/numpy/.dylibs/libgfortran.5.dylib" in steps
    assert "nix-store" not in steps


def test_a_folder_that_was_named_serves_a_bare_name() -> None:
    told = world(library(HERE), needed="libgfortran.5.dylib")
    assert offer(told) is None
    found = offer(replace(told, library_from=(HERE,)))
    assert found is not None
    assert [finding.rule.id for finding in found.cured] == ["NPD602"]


def test_not_offered_where_more_than_one_fits_or_none() -> None:
    both = world(library(HERE), library(OTHER), stored={"gfortran": [HERE, OTHER]})
    assert offer(both) is None
    assert offer(world()) is None
    assert offer(world(library(HERE, arch=X86_64), stored={"gfortran": [HERE]})) is None


def test_not_offered_for_an_object_of_the_store() -> None:
    """The venv's own file loads a library of the store, and that one lacks another."""
    blas = an_image("/nix/store/4blaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-openblas-0.3/lib/libblas.dylib", GONE)
    assert offer(world(blas, library(HERE), needed=blas.path, stored={"gfortran": [HERE]})) is None


def test_not_offered_where_what_is_named_lacks_something_itself() -> None:
    """Tried on the facts, it cures nothing."""
    told = world(library(HERE), stored={"gfortran": [HERE]})
    broken = an_image(f"{HERE}/lib/libgfortran.5.dylib", f"{OTHER}/lib/libquadmath.0.dylib")
    found = offer(replace(told, disk=told.disk.overlay({}, slices={broken.path: (broken,)})))
    assert found is None

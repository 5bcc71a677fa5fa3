"""sign-again signs what lies in the venv and is refused for its signature, and leaves the store alone."""

from __future__ import annotations

import pytest

from a_mac import SITE, a_mac, a_mac_dist, an_extension, an_image, in_venv
from nixpydoctor.darwin import Signature
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Facts, join

EXT = "numpy.cpython-312-darwin.so"
STORED = "/nix/store/4blaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-openblas-0.3/lib/libopenblas.dylib"


def offer(told: Facts) -> Trial | None:
    found = [trial for trial in diagnose(in_venv(told)).offers if trial.treatment.remedy.name == "sign-again"]
    return found[0] if found else None


@pytest.mark.parametrize("signature", [None, Signature("stale", adhoc=True)])
def test_a_file_without_a_fitting_signature_is_signed(signature: Signature | None) -> None:
    found = offer(a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, signature=signature)]))
    assert found is not None
    assert [finding.rule.id for finding in found.cured] == ["NPD604"]
    assert not found.caused
    assert (found.treatment.basis, found.treatment.edits) == ("simulated", ())
    assert f"$ codesign --force --sign - {join(SITE, EXT)}\n" in found.treatment.instructions


def test_each_refused_library_is_signed_once() -> None:
    bundled = an_image(".dylibs/libblas.dylib", signature=Signature("stale"))
    others = [f"{name}.cpython-312-darwin.so" for name in ("numpy", "fft")]
    images = [an_extension(path, "@loader_path/.dylibs/libblas.dylib") for path in others]
    found = offer(a_mac(a_mac_dist("numpy", *others), images=[*images, bundled]))
    assert found is not None
    assert len(found.cured) == 2
    assert f"--sign - {bundled.path}\n" in found.treatment.instructions


def test_not_offered_for_a_file_of_the_store() -> None:
    stale = an_image(STORED, signature=Signature("stale"))
    assert offer(a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, STORED), stale])) is None


def test_not_offered_where_every_signature_fits() -> None:
    lost = an_extension(EXT, "@rpath/libomp.dylib")
    assert offer(a_mac(a_mac_dist("numpy", EXT), images=[lost])) is None

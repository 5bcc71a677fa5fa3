"""NPD604 speaks of stale and absent signatures, of an extension's own and of what it needs."""

from __future__ import annotations

import pytest

from a_mac import SITE, a_mac, a_mac_dist, an_extension, an_image
from nixpydoctor.case import Case
from nixpydoctor.darwin import Signature
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import join
from nixpydoctor.rules.broken_signature import broken_signature

EXT = "numpy.cpython-312-darwin.so"


@pytest.mark.parametrize("signature", [None, Signature("stale", adhoc=True)])
def test_an_extension_that_macos_refuses(signature: Signature | None) -> None:
    told = a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, signature=signature)])
    (finding,) = broken_signature.check(Case(told))
    assert (finding.subject, finding.breaks) == (join(SITE, EXT), ("numpy",))
    assert ("is not signed" in finding.message) is (signature is None)
    assert [one.rule.id for one in diagnose(told, remedies=()).findings] == ["NPD604"]


def test_a_library_with_a_stale_signature_is_named() -> None:
    bundled = an_image(".dylibs/libblas.dylib", signature=Signature("stale"))
    extension = an_extension(EXT, "@loader_path/.dylibs/libblas.dylib")
    told = a_mac(a_mac_dist("numpy", EXT), images=[extension, bundled])
    (finding,) = broken_signature.check(Case(told))
    assert finding.detail == bundled.path
    assert f"{bundled.path} was changed after it had been signed" in finding.message
    assert [one.rule.id for one in diagnose(told, remedies=()).findings] == ["NPD604"]


def test_silent_about_a_signature_that_fits() -> None:
    assert not list(broken_signature.check(Case(a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT)]))))

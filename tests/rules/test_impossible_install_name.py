"""NPD602 speaks of names that no machine can have, and of nothing that is merely absent."""

from __future__ import annotations

import pytest

from a_mac import a_mac, a_mac_dist, an_extension
from nixpydoctor.case import Case
from nixpydoctor.findings import Finding
from nixpydoctor.rules.impossible_install_name import impossible_install_name
from nixpydoctor.rules.missing_library import missing_library
from nixpydoctor.rules.store_library_gone import store_library_gone

EXT = "numpy.cpython-312-darwin.so"


def found(name: str) -> list[Finding]:
    case = Case(a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, name)]))
    said = list(impossible_install_name.check(case))
    if said:
        assert not list(missing_library.check(case))
        assert not list(store_library_gone.check(case))
    return said


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (f"/nix/store/{'e' * 32}-openblas-0.3.28/lib/libopenblas.0.dylib", "on purpose"),
        ("/private/tmp/nix-build-or-tools-9.4.drv-0/source/lib/libortools.9.dylib", "while something was built"),
        ("libblas.dylib", "a bare name"),
    ],
)
def test_each_kind_is_told_apart(name: str, why: str) -> None:
    (finding,) = found(name)
    assert finding.detail == name
    assert finding.breaks == ("numpy",)
    assert why in finding.message


@pytest.mark.parametrize("name", ["@rpath/libomp.dylib", "/opt/homebrew/lib/libpq.5.dylib", "/usr/lib/libz.1.dylib"])
def test_silent_about_names_that_some_machine_has(name: str) -> None:
    assert found(name) == []

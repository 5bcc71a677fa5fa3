"""The map from sonames to nixpkgs: complete for the policies, consistent, and safe to put on a library path."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter, defaultdict
from typing import Any

import pytest

from nixpydoctor.knowledge.sonames import LIB, attribute, entries, expression, library_path_attrs

POLICY = [
    "libGL.so.1", "libICE.so.6", "libSM.so.6", "libX11.so.6", "libXext.so.6", "libXrender.so.1", "libanl.so.1",
    "libatomic.so.1", "libc.so.6", "libdl.so.2", "libexpat.so.1", "libgcc_s.so.1", "libglib-2.0.so.0",
    "libgobject-2.0.so.0", "libgthread-2.0.so.0", "libm.so.6", "libmvec.so.1", "libnsl.so.1", "libpthread.so.0",
    "libresolv.so.2", "librt.so.1", "libstdc++.so.6", "libutil.so.1", "libz.so.1", "libc.so",
]  # fmt: skip
"""All that the policies of manylinux_2_5 to 2_41 and musllinux name."""

KEYS = {
    "sonames", "pattern", "example", "attr", "store", "spellings", "output", "folder", "policy", "forbidden", "driver",
    "glibc", "status", "note",
}  # fmt: skip

C_LIBRARY = [
    "libc.so.6", "libm.so.6", "libmvec.so.1", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1",
    "libresolv.so.2", "libanl.so.1", "libnsl.so.1", "libthread_db.so.1", "libBrokenLocale.so.1", "libnss_dns.so.2",
    "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1", "libc.so",
    "libm.so",
]  # fmt: skip


@pytest.mark.parametrize("soname", POLICY)
def test_every_library_that_a_policy_lets_wheels_expect_is_known(soname: str) -> None:
    found = attribute(soname)
    assert found is not None
    assert found.policy
    assert found.verified


def test_no_other_library_claims_to_be_in_a_policy() -> None:
    assert {name for entry in entries() if entry.get("policy") for name in entry["sonames"]} == set(POLICY)


def test_every_soname_is_listed_once() -> None:
    counted = Counter(name for entry in entries() for name in entry.get("sonames", ()))
    assert [name for name, times in counted.items() if times > 1] == []


def test_entries_have_only_known_fields_and_either_sonames_or_a_pattern() -> None:
    for entry in entries():
        assert set(entry) <= KEYS, entry
        assert ("sonames" in entry) != ("pattern" in entry), entry
        assert ("pattern" in entry) == ("example" in entry), entry
        assert entry["status"] in {"verified", "unverified"}, entry
        assert bool(entry["attr"]) != entry.get("driver", False), entry


def test_a_pattern_matches_none_of_the_sonames_that_are_listed_by_name() -> None:
    """So the answer never depends on the order of the file."""
    names = [name for entry in entries() for name in entry.get("sonames", ())]
    patterns = [re.compile(entry["pattern"]) for entry in entries() if "pattern" in entry]
    assert [(name, p.pattern) for name in names for p in patterns if p.fullmatch(name)] == []


@pytest.mark.parametrize(
    "entry", [entry for entry in entries() if "pattern" in entry], ids=lambda entry: entry["pattern"]
)
def test_every_pattern_answers_for_its_example_and_nothing_longer(entry: dict[str, Any]) -> None:
    found = attribute(entry["example"])
    assert found is not None
    assert found.note == entry.get("note", "")
    assert attribute(entry["example"] + "-hacked") is None


def test_the_first_spelling_is_the_attribute() -> None:
    for entry in entries():
        if "spellings" in entry:
            assert entry["spellings"][0]["attr"] == entry["attr"]
            assert len(entry["spellings"]) > 1 or entry["spellings"][0].keys() & {"since", "until"}


def test_one_attribute_has_one_folder_and_one_list_of_spellings() -> None:
    """`expression` knows the attribute only."""
    folders: defaultdict[str, set[str]] = defaultdict(set)
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries():
        folders[entry["attr"]].add(entry.get("folder", LIB))
        spellings[entry["attr"]].add(str(entry.get("spellings")))
    assert {attr for attr, seen in folders.items() if len(seen) > 1} == set()
    assert {attr for attr, seen in spellings.items() if len(seen) > 1} == set()


@pytest.mark.parametrize("soname", C_LIBRARY)
def test_a_member_of_a_c_library_is_forbidden_and_never_on_a_library_path(soname: str) -> None:
    found = attribute(soname)
    assert found is not None
    assert found.forbidden
    assert library_path_attrs([soname]) == ()


def test_glibc_musl_and_drivers_are_on_no_library_path_whatever_is_asked() -> None:
    everything = [name for entry in entries() for name in entry.get("sonames", ())]
    assert {"", "glibc", "musl"}.isdisjoint(library_path_attrs(everything))


@pytest.mark.parametrize("soname", ["libcuda.so.1", "libnvidia-ml.so.1"])
def test_a_gpu_driver_is_no_package(soname: str) -> None:
    found = attribute(soname)
    assert found is not None
    assert found.driver
    assert not found.package


def test_libraries_of_one_package_are_named_once_and_in_order() -> None:
    asked = ["libz.so.1", "libstdc++.so.6", "libgcc_s.so.1", "libgfortran.so.5", "libz.so.1", "libunheard-of.so.3"]
    assert library_path_attrs(asked) == ("zlib", "stdenv.cc.cc.lib", "gfortran.cc.lib")


@pytest.mark.parametrize(
    ("soname", "attr"),
    [
        ("libX11.so.6", "libx11"),
        ("libodbc.so.2", "unixodbc"),
        ("libxml2.so.2", "libxml2_13"),
        ("libxml2.so.16", "libxml2"),
        ("libicuuc.so.74", "icu74"),
        ("libboost_filesystem.so.1.84.0", "boost184"),
        ("libpython3.12.so.1.0", "python312"),
        ("libclang-18.so.18", "llvmPackages_18.libclang.lib"),
        ("libLLVM.so.19.1", "llvmPackages_19.libllvm.lib"),
        ("libcudart.so.12", "cudaPackages.cuda_cudart"),
        ("libsndfile.so", "libsndfile"),
        ("libc.so.6", "glibc"),
    ],
)
def test_the_attribute_of_a_soname_is_the_one_that_holds_it(soname: str, attr: str) -> None:
    found = attribute(soname)
    assert found is not None
    assert found.attr == attr
    assert found.soname == soname


@pytest.mark.parametrize("soname", ["", "z", "/usr/lib/libz.so.1", "libnobody-knows.so.1", "libz.so.2"])
def test_what_is_not_known_is_not_guessed(soname: str) -> None:
    assert attribute(soname) is None


def test_a_renamed_attribute_is_written_so_that_old_and_new_nixpkgs_have_it() -> None:
    assert expression("libx11") == "(pkgs.libx11 or pkgs.xorg.libX11)"
    assert expression("unixodbc") == "(pkgs.unixodbc or pkgs.unixODBC)"
    assert expression("zlib") == "pkgs.zlib"
    assert expression("icu74") == "pkgs.icu74"


def test_a_library_below_lib_gets_a_package_that_brings_it_there() -> None:
    found = attribute("libmariadb.so.3")
    assert found is not None
    assert found.folder == "lib/mariadb"
    assert "/lib/mariadb $out/lib" in expression(found.attr)


@pytest.mark.skipif(shutil.which("nix-instantiate") is None, reason="needs nix-instantiate")
def test_every_expression_is_nix() -> None:
    attrs = sorted({entry["attr"].format(n="17") for entry in entries() if entry["attr"]})
    text = "{ pkgs }: [\n" + "\n".join(expression(attr) for attr in attrs) + "\n]\n"
    command = ["nix-instantiate", "--parse", "-"]
    parsed = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    assert parsed.returncode == 0, parsed.stderr

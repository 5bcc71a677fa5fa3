"""NPD607 speaks where one import brings a runtime library twice, and not where two packages have one each."""

from __future__ import annotations

from a_mac import SITE, a_mac, a_mac_dist, an_extension, an_image
from nixpydoctor.case import Case
from nixpydoctor.findings import Severity
from nixpydoctor.rules.two_of_a_library import two_of_a_library

EXT, OTHER = "torch.cpython-312-darwin.so", "sklearn.cpython-312-darwin.so"
STORE = "/nix/store/5ccaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-libcxx-16/lib/libc++.1.dylib"
SYSTEM = "/usr/lib/libc++.1.dylib"


def test_the_stores_cxx_library_beside_the_systems() -> None:
    bundled = an_image(".dylibs/libtorch.dylib", STORE)
    images = [an_extension(EXT, SYSTEM, "@loader_path/.dylibs/libtorch.dylib"), bundled, an_image(STORE)]
    (finding,) = two_of_a_library.check(Case(a_mac(a_mac_dist("torch", EXT), images=images)))
    assert (finding.severity, finding.detail) == (Severity.WARNING, "libc++.1.dylib")
    assert STORE in finding.message
    assert SYSTEM in finding.message


def test_two_openmp_runtimes_in_one_import() -> None:
    """The extension brings one, and a library of its brings the other."""
    bundled = an_image(".dylibs/libtorch.dylib", "@loader_path/own/libomp.dylib")
    images = [
        an_extension(EXT, "@loader_path/.dylibs/libomp.dylib", "@loader_path/.dylibs/libtorch.dylib"),
        bundled,
        an_image(".dylibs/libomp.dylib"),
        an_image(".dylibs/own/libomp.dylib"),
    ]
    (finding,) = two_of_a_library.check(Case(a_mac(a_mac_dist("torch", EXT), images=images)))
    assert (finding.severity, finding.detail) == (Severity.WARNING, "libomp.dylib")


def test_silent_where_two_packages_bring_one_each() -> None:
    images = [
        an_extension(EXT, "@loader_path/a/libomp.dylib"),
        an_image(f"{SITE}/a/libomp.dylib", id=None),
        an_extension(OTHER, "@loader_path/b/libomp.dylib"),
        an_image(f"{SITE}/b/libomp.dylib", id=None),
    ]
    told = a_mac(a_mac_dist("torch", EXT), a_mac_dist("sklearn", OTHER), images=images, macos="15.3")
    case = Case(told)
    assert case.unloadable == ()
    assert not list(two_of_a_library.check(case))

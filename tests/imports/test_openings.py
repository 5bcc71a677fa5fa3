"""Libraries that Python code opens by name: which statement wants which, and what dies of it.

In `fates/openings.txt` only `libthere.so.1` and `pkg/libs/libbeside.so` open, and `find_library` finds only `there`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from importing import CXX, EXT, STDLIB, a_table, fate, imported

import nixpydoctor.imports.graph
from build import SITE, SUFFIXES, a_dist, a_library
from nixpydoctor.facts import Dist, PathEntry, join, parent
from nixpydoctor.imports import Broken, Reach
from nixpydoctor.knowledge.dlopens import Candidate, Known

BESIDE, FAILS = f"{SITE}/pkg/libs/libbeside.so", f"{SITE}/pkg/libs/libfails.so"
OPENS = {"libthere.so.1", "/lib/libthere.so.1", BESIDE}
FINDS = {"there": "/lib/libthere.so.1"}
AROUND = {"other.py": "", "pkg/_native.py": "import _cffi_backend\nffi = _cffi_backend.FFI('pkg._native', b'')\n"}


def opened(text: str, name: str = "pkg/__init__.py") -> Reach:
    objects = [a_library(BESIDE, "libc.so.6"), a_library(FAILS, "libgone.so.1")]
    return imported({**AROUND, name: text}, objects=objects, broken={}, opens=OPENS, finds=FINDS)


def sites(found: Reach) -> str:
    """Each opening that fails: what it does to `pkg`, and the names in the order in which they are tried."""
    told = []
    for site in found.sites:
        what = "breaks" if "pkg" in site.breaks else "undecided" if "pkg" in site.undecided else "survives"
        names = ",".join(name.removeprefix(f"{SITE}/") for name in site.opening.names)
        told.append(f"{what} {names}")
    return "; ".join(told) or "nothing"


@pytest.mark.parametrize(("expected", "text"), a_table("openings"))
def test_the_fate_of(expected: str, text: str) -> None:
    assert sites(opened(text)) == expected


def test_an_opening_says_where_it_stands_and_whose_it_is() -> None:
    (site,) = opened("'''A binding.'''\n\nimport ctypes\n\nlib = ctypes.CDLL('libgone.so.1')\n").sites
    assert (site.opening.site, site.opening.line, site.opening.source) == (f"{SITE}/pkg/__init__.py", 5, "")
    assert site.dist is not None
    assert site.dist.name == "pkg"


def test_who_imports_the_opener_dies_of_it() -> None:
    files = {
        "pkg/__init__.py": "import ctypes\nlib = ctypes.CDLL('libgone.so.1')\n",
        "user/__init__.py": "import pkg\n",
        "careful/__init__.py": "try:\n    import pkg\nexcept OSError:\n    pkg = None\n",
        "wrong/__init__.py": "try:\n    import pkg\nexcept ImportError:\n    pkg = None\n",
    }
    (site,) = imported(files, broken={}).sites
    assert site.breaks == ("pkg", "user", "wrong")


def test_a_distribution_without_any_sign_of_opening_is_not_looked_into() -> None:
    """`Dist.opens` is False where its outermost sources show none: a healthy environment costs nothing."""
    quiet = replace(a_dist("pkg"), opens=False)
    text = {"pkg/__init__.py": "import ctypes\nlib = ctypes.CDLL('libgone.so.1')\n"}
    assert imported(text, dists=[quiet], broken={}).sites == ()


# ── what an opened library brings along ──────────────────────────────────────────────────────────────────────────────

OPEN = "import ctypes, os\nctypes.CDLL(os.path.join(os.path.dirname(__file__), 'libs/libstdc++.so.6'))\n"
BUNDLED = join(SITE, f"pkg/libs/{CXX}")
LOAD = "from . import _ext\n"


@pytest.mark.parametrize(
    ("text", "broken", "opens", "expected"),
    [
        pytest.param(OPEN + LOAD, {CXX}, True, "survives", id="opened-before"),
        pytest.param(LOAD + OPEN, {CXX}, True, "breaks", id="opened-after"),
        pytest.param(LOAD, {CXX}, True, "breaks", id="not-opened"),
        pytest.param(OPEN + LOAD, {CXX}, False, "breaks", id="opened-in-vain"),
        pytest.param(OPEN + LOAD, {CXX, "libz.so.1"}, True, "breaks", id="one-of-two"),
        pytest.param(OPEN + LOAD, set(), True, "breaks", id="broken-for-another-reason"),
        pytest.param(
            f"try:\n    import absent\nexcept ImportError:\n    {LOAD}{OPEN}", {CXX}, True, "breaks", id="late"
        ),
    ],
)
def test_a_library_opened_by_path_counts_as_loaded(text: str, broken: set[str], opens: bool, expected: str) -> None:
    """glibc: an object whose soname is loaded already serves every later request for that soname."""
    found = imported(
        {"pkg/__init__.py": text},
        objects=[a_library(BUNDLED, "libc.so.6")],
        broken={EXT: Broken(frozenset(broken))},
        opens={BUNDLED} if opens else set(),
    )
    assert fate(found) == expected


def test_what_is_preloaded_for_one_import_is_not_for_another() -> None:
    """`deep` is fine after `pkg`, and dies alone: an import is judged as the first of its process."""
    path = join(SITE, "deep/_c.abi3.so")
    found = imported(
        {
            "pkg/__init__.py": OPEN,
            "deep/__init__.py": "from . import _c\n",
            "after/__init__.py": "import pkg\nimport deep\n",
            "before/__init__.py": "import deep\nimport pkg\n",
        },
        objects=[a_library(BUNDLED, "libc.so.6"), a_library(path, CXX)],
        broken={path: Broken(frozenset({CXX}))},
        opens={BUNDLED},
    )
    assert found.breaks[path] == ("before", "deep")


def test_an_extension_that_loads_brings_what_it_needs() -> None:
    """A good extension with its own search path has loaded the library that the next one lacks."""
    first = join(SITE, "pkg/_first.abi3.so")
    found = imported(
        {"pkg/__init__.py": f"from . import _first\n{LOAD}"},
        objects=[a_library(first, CXX)],
        broken={EXT: Broken(frozenset({CXX}))},
    )
    assert fate(found) == "survives"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("import zipfile\n" + LOAD, "survives", id="before"),
        pytest.param("from importlib.resources import files\n" + LOAD, "survives", id="by-others"),
        pytest.param(LOAD + "import zipfile\n", "breaks", id="after"),
        pytest.param(LOAD, "breaks", id="never"),
    ],
)
def test_an_extension_of_the_standard_library_brings_what_it_needs(text: str, expected: str) -> None:
    """Of Nix: the Python's `zlib` finds its library by a search path of its own, and a wheel's extension does not."""
    own = join(STDLIB, f"lib-dynload/zlib{SUFFIXES[0]}")
    found = imported(
        {
            "pkg/__init__.py": text,
            "other/__init__.py": "",
            f"{STDLIB}/zipfile.py": "try:\n    import zlib\nexcept ImportError:\n    zlib = None\n",
            f"{STDLIB}/importlib/resources.py": "import zipfile\n",
        },
        objects=[a_library(own, "libz.so.1")],
        dists=[Dist("python", "3.12.1", STDLIB, extensions=(own,)), a_dist("other")],
        python={"path": tuple(PathEntry(place, "nix") for place in (STDLIB, parent(own), SITE))},
        broken={EXT: Broken(frozenset({"libz.so.1"}))},
    )
    assert fate(found) == expected


# ── what is known of a distribution ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fatal", "names", "expected"),
    [
        (True, ["dlopen libgone.so.1", "find_library gone"], "breaks libgone.so.1,gone"),
        (False, ["dlopen libgone.so.1"], "survives libgone.so.1"),
        (True, ["dlopen libgone.so.1", "find_library there"], "nothing"),
        (True, ["dlopen libthere.so.1"], "nothing"),
    ],
    ids=["fatal", "survivable", "found-by-the-second", "opens"],
)
def test_what_the_source_does_not_tell_is_known(
    monkeypatch: pytest.MonkeyPatch, fatal: bool, names: list[str], expected: str
) -> None:
    candidates = tuple(Candidate(name, how) for how, name in (one.split() for one in names))  # type: ignore[arg-type]
    entry = Known("pkg", ">=1", ("pkg.lib",), candidates, fatal, "pkg/lib.py of 1.0")
    monkeypatch.setattr(nixpydoctor.imports.graph, "known", lambda dist, version: (entry,) if dist == "pkg" else ())
    files = {"pkg/__init__.py": "from . import lib\n", "pkg/lib.py": ""}
    found = imported(files, broken={}, opens=OPENS, finds=FINDS)
    assert sites(found) == expected
    assert [site.opening.source for site in found.sites] == ["pkg/lib.py of 1.0"] * len(found.sites)

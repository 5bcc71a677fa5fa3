"""What a plain `import pkg` dies of: the fate of each `pkg/__init__.py` in `fates/`, and what needs more than one file.

`pkg._ext` and `pkg._other` cannot be loaded, `pkg._good` can; `pkg.fine` and `other` import nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from importing import CXX, EXT, OTHER, STDLIB, a_table, fate, imported

from build import SITE, a_dist, an_object
from nixpydoctor.edges import Attempt, Handler, Import, Source
from nixpydoctor.facts import FsPath, PathEntry, Unread, join
from nixpydoctor.imports import Broken

LAZY = """\
import importlib
import os
def attach(package_name, submodules=None, submod_attrs=None):
    def __getattr__(name):
        return importlib.import_module(f"{package_name}.{name}")
    if os.environ.get("EAGER_IMPORT", ""):
        for name in submodules:
            __getattr__(name)
    return __getattr__, None, submodules
"""
AROUND = {"pkg/fine.py": "", "other.py": "", "lazy_loader/__init__.py": LAZY}
EXT_TOO = "from . import _ext\n"


@pytest.mark.parametrize(
    ("expected", "text"), a_table("plain") + a_table("tests") + a_table("guards") + a_table("calls")
)
def test_the_fate_of(expected: str, text: str) -> None:
    assert fate(imported({**AROUND, "pkg/__init__.py": text})) == expected
    assert fate(imported({**AROUND, "pkg/__init__.py": text}, loose=False)) == expected


INIT, DEEP, LEAF = "pkg/__init__.py", "pkg/deep/__init__.py", "pkg/deep/leaf.py"
GUARDED = "try:\n    import pkg.b\nexcept ImportError:\n    pass\n"
TOOL = "import importlib\ndef load(name='_ext'):\n    importlib.import_module('pkg.' + name)\n"

FOREST: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "importing a submodule executes the packages above it": (
        "breaks", {INIT: "import pkg.deep.leaf", DEEP: "from .. import _ext", LEAF: ""},
    ),
    "a name that is a submodule is imported": (
        "breaks", {INIT: "from .deep import leaf", DEEP: "", LEAF: "import pkg._ext"},
    ),
    "a star takes no submodules along": ("survives", {INIT: "from .deep import *", DEEP: "", LEAF: "import pkg._ext"}),
    "a submodule that nobody names": ("survives", {INIT: "", "pkg/b.py": EXT_TOO}),
    "two dots mean the package above": (
        "breaks", {INIT: "from .deep import leaf", DEEP: "", LEAF: "from .. import _ext"},
    ),
    "one dot in a plain module means its package": ("breaks", {INIT: "from .b import c", "pkg/b.py": EXT_TOO}),
    "modules that import each other": (
        "breaks", {INIT: "from . import a", "pkg/a.py": "from . import b", "pkg/b.py": f"from . import a\n{EXT_TOO}"},
    ),
    "a module that imports itself": ("survives", {INIT: "import pkg\nfrom pkg import __path__"}),
    "a guard in the middle": ("survives", {INIT: "from . import a", "pkg/a.py": GUARDED, "pkg/b.py": EXT_TOO}),
    "guarded once and plain once": ("breaks", {INIT: f"{GUARDED}from . import b", "pkg/b.py": EXT_TOO}),
    "a function of another module that is called": (
        "breaks", {INIT: "from .tool import load\nload('_ext')", "pkg/tool.py": TOOL},
    ),
    "its default counts": ("breaks", {INIT: "from .tool import load\nload()", "pkg/tool.py": TOOL}),
    "its other argument": ("survives", {INIT: "from .tool import load\nload('_good')", "pkg/tool.py": TOOL}),
    "a handler calls what raises in another module": (
        "breaks",
        {
            INIT: "try:\n    from . import _ext\nexcept ImportError:\n    from .b import fail\n    fail('build it')\n",
            "pkg/b.py": "def fail(message):\n    raise RuntimeError(message)\n",
        },
    ),
    "a handler calls what returns in another module": (
        "survives",
        {
            INIT: "from .b import note\ntry:\n    from . import _ext\nexcept ImportError:\n    note('slow')\n",
            "pkg/b.py": "def note(message):\n    return message\n",
        },
    ),
    "a name that the package has given a value": (
        "survives",
        {
            INIT: "try:\n    from . import _ext\nexcept ImportError:\n    _ext = None\nfrom . import b",
            "pkg/b.py": "from . import _ext\n",
        },
    ),
    "the same from outside": (
        "survives",
        {
            INIT: "import other",
            "other.py": "from pkg.deep import _low",
            "pkg/deep/_low.py": "from .. import _ext",
            DEEP: "try:\n    from . import _low\nexcept ImportError:\n    _low = None\n",
        },
    ),
    "a function of another module that is only imported": (
        "survives", {INIT: "from .tool import load", "pkg/tool.py": TOOL},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("expected", "files"), FOREST.values(), ids=[name.replace(" ", "-") for name in FOREST])
def test_the_fate_of_an_import_that_goes_through_several_files(expected: str, files: Mapping[str, str]) -> None:
    assert fate(imported(files)) == expected
    assert fate(imported(files, loose=False)) == expected


@pytest.mark.parametrize("member", ["pkg.a", "pkg.b"])
def test_an_import_circle_fails_whichever_member_comes_first(member: str) -> None:
    """What was found of a module while another was in progress must not be kept for those who begin elsewhere."""
    found = imported(
        {
            "pkg/__init__.py": "",
            "pkg/a.py": "import pkg.b\n",
            "pkg/b.py": f"import pkg.a\n{EXT_TOO}",
            "first.py": f"import {member}\n",
            "second.py": "import pkg.a\n",
            "third.py": "import pkg.b\n",
        }
    )
    assert [fate(found, EXT, name) for name in ("first", "second", "third", "pkg")] == [*["breaks"] * 3, "survives"]


def test_a_guard_inside_a_circle_holds_for_it_alone() -> None:
    """`b` survives `a` only because it catches what `a` raises; who imports `a` does not."""
    found = imported(
        {
            "pkg/__init__.py": "",
            "pkg/a.py": f"import pkg.b\n{EXT_TOO}",
            "pkg/b.py": "try:\n    import pkg.a\nexcept ImportError:\n    pass\n",
            "first.py": "import pkg.b\n",
            "second.py": "import pkg.a\n",
        }
    )
    assert (fate(found, EXT, "first"), fate(found, EXT, "second")) == ("survives", "breaks")


def test_a_fallback_that_fails_too_dies_of_both() -> None:
    """Curing either cures the import, so it is named under each."""
    text = "try:\n    from . import _ext\nexcept ImportError:\n    from . import _other\n"
    found = imported({"pkg/__init__.py": text})
    assert (fate(found, EXT), fate(found, OTHER)) == ("breaks", "breaks")


def test_a_first_failure_does_not_hide_the_next() -> None:
    found = imported({"pkg/__init__.py": "from . import _ext\nfrom . import _other\n"})
    assert (fate(found, EXT), fate(found, OTHER)) == ("breaks", "breaks")


def test_dependents_in_other_distributions_die_as_well() -> None:
    found = imported(
        {
            "pkg/__init__.py": EXT_TOO,
            "user/__init__.py": "import pkg\n",
            "careful/__init__.py": "try:\n    import pkg\nexcept ImportError:\n    pkg = None\n",
            "stranger/__init__.py": "",
        }
    )
    assert found.breaks[EXT] == ("pkg", "user")
    assert not found.undecided


def test_metadata_that_keep_quiet_about_a_requirement_do_not_hide_it() -> None:
    files = {"pkg/__init__.py": EXT_TOO, "user/__init__.py": "import pkg\n"}
    found = imported(files, dists=[a_dist("user", "1.0", requires=())])
    assert found.breaks[EXT] == ("pkg", "user")


def test_an_extension_that_is_a_top_level_module_is_its_own_import() -> None:
    path = join(SITE, "_solo.abi3.so")
    found = imported(
        {"user.py": "import _solo\n"},
        objects=[an_object(path, CXX)],
        dists=[a_dist("solo", extensions=[path], top_level=("_solo",))],
        broken={path: Broken(frozenset({CXX}))},
    )
    assert found.breaks[path] == ("_solo", "user")


def test_an_extension_that_is_a_package_breaks_it() -> None:
    path = join(SITE, "pack/__init__.cpython-312-x86_64-linux-gnu.so")
    found = imported(
        {"user.py": "import pack.inner\n", "pack/inner.py": ""},
        objects=[an_object(path, CXX)],
        dists=[a_dist("pack", extensions=[path])],
        broken={path: Broken(frozenset())},
    )
    assert found.breaks[path] == ("pack", "user")


def test_an_extension_for_another_python_is_what_the_import_lacks() -> None:
    path = join(SITE, "pkg/_old.cpython-311-x86_64-linux-gnu.so")
    files = {"pkg/__init__.py": "from . import _old\n"}
    dist = a_dist("pkg", extensions=[], foreign=[path])
    found = imported(files, objects=[an_object(path, CXX)], dists=[dist], broken={path: Broken(frozenset())})
    assert fate(found, path) == "breaks"


NUMPY = join(SITE, "numpy/_core/_umath.abi3.so")


@pytest.mark.parametrize(("broken", "expected"), [(NUMPY, "breaks"), (OTHER, "survives")], ids=["dies", "lives"])
def test_a_compiled_module_imports_what_its_strings_name(broken: FsPath, expected: str) -> None:
    names = ("numpy._core._umath", "numpy.core._umath")
    inner = Attempt((Import(names[0]),), (Handler(("ModuleNotFoundError",), "", (Import(names[1]),)),))
    found = imported(
        {
            "pkg/__init__.py": "from . import _good\n",
            "pkg/_good.abi3.so": Source((inner,)),
            "numpy/__init__.py": "",
            "numpy/_core/__init__.py": "",
        },
        objects=[an_object(NUMPY, CXX)],
        broken={broken: Broken(frozenset({CXX}))},
    )
    assert fate(found, broken) == expected


FINDER = "MAPPING: dict[str, str] = {'app': '/src/app'}\nNAMESPACES: dict[str, list[str]] = {}\n"


@pytest.mark.parametrize(
    ("texts", "path"),
    [
        ({"app.pth": "/src\n"}, (PathEntry(FsPath("/src"), "project"),)),
        ({"__editable__.app.pth": "import __editable___app_finder\n", "__editable___app_finder.py": FINDER}, ()),
    ],
    ids=["a-folder", "a-finder"],
)
def test_an_editable_install_is_imported_as_well(texts: Mapping[str, str], path: tuple[PathEntry, ...]) -> None:
    """Its distribution lists no file of it: only the .pth file does."""
    found = imported(
        {"pkg/__init__.py": EXT_TOO, "/src/app/__init__.py": "import pkg\n", "/src/setup.py": "import pkg\n"},
        texts={join(SITE, name): text for name, text in texts.items()},
        python={
            "site_folders": (SITE,),
            "path": (PathEntry(STDLIB, "nix"), PathEntry(SITE, "venv"), *path),
        },
    )
    assert found.breaks[EXT] == ("app", "pkg")


def test_a_package_of_a_folder_inside_of_site_packages_is_imported_as_well() -> None:
    """What put that folder on the path is code, and RECORD tells files, not names to import."""
    inner = join(SITE, "pkg.prefix/lib/site-packages")
    found = imported(
        {"pkg/__init__.py": EXT_TOO, f"{inner}/old/__init__.py": "import pkg\n", f"{inner}/old.txt": ""},
        python={"path": (PathEntry(STDLIB, "nix"), PathEntry(SITE, "venv"), PathEntry(inner, "venv"))},
    )
    assert found.breaks[EXT] == ("old", "pkg")


def test_nothing_broken_and_nothing_opened_reaches_nothing() -> None:
    found = imported({"pkg/__init__.py": EXT_TOO}, broken={})
    assert (found.breaks, found.undecided, found.sites, found.unread) == ({}, {}, (), ())


def test_a_source_that_could_not_be_read_is_said_so() -> None:
    """Its imports are unknown: it must neither break anything nor be passed over in silence."""
    unread = Unread(join(SITE, "pkg/odd.py"), "no Python that this tool can parse", False)
    found = imported({"pkg/__init__.py": f"from . import odd\n{EXT_TOO}", "pkg/odd.py": unread})
    assert found.unread == (unread,)
    assert fate(found) == "breaks"

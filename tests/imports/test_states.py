"""Several states of one Python, as trials make them: each is answered as if it were the only one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from importing import CXX, EXT, OTHER, a_world

from build import SITE, a_dist
from nixpydoctor.facts import FsPath, join
from nixpydoctor.imports import Broken, Imports, Reach

OPENER = "import ctypes\ntry:\n    import other\nexcept ImportError:\n    ctypes.CDLL('libz.so.1')\n"
FILES = {
    "pkg/__init__.py": "from . import a, b\n",
    "pkg/a.py": "from . import _ext\n",
    "pkg/b.py": "from . import _other\n",
    "other.py": "try:\n    import absent\nexcept ValueError:\n    pass\n",
    "opener.py": OPENER,
    "user.py": "import pkg\nimport opener\n",
}
BROKEN = {path: Broken(frozenset({CXX})) for path in (EXT, OTHER)}
STATES: list[tuple[Mapping[FsPath, Broken], tuple[str, ...]]] = [
    (BROKEN, ("libz.so.1",)),
    (BROKEN, ()),
    ({}, ("libz.so.1",)),
    ({EXT: BROKEN[EXT]}, ()),
    ({}, ()),
    ({OTHER: Broken(frozenset())}, ("libz.so.1",)),
]


def some_imports() -> Imports:
    """One package with two extensions, one module that opens a library, and whoever uses both."""
    world, disk = a_world(FILES, loose=True, dists=[replace(a_dist("opener", "1.0"), opens=True)])
    return Imports(world, disk)


def answered(imports: Imports, broken: Mapping[FsPath, Broken], opened: tuple[str, ...]) -> Reach:
    """What one state comes to."""
    return imports.reach(broken, lambda name: name in opened, lambda name: None)


def test_no_state_hears_of_another() -> None:
    shared = some_imports()
    for broken, opened in (*STATES, *reversed(STATES)):
        assert answered(shared, broken, opened) == answered(some_imports(), broken, opened)


def test_a_state_that_differs_in_nothing_that_was_asked_is_not_walked_again() -> None:
    imports = some_imports()
    first = answered(imports, BROKEN, ("libz.so.1",))
    assert first.breaks[EXT] == ("pkg", "user")
    assert answered(imports, BROKEN, ("libz.so.1", "libnobodyasks.so")) is first
    assert answered(imports, {EXT: BROKEN[EXT]}, ("libz.so.1",)) is not first
    assert join(SITE, "pkg/_other.abi3.so") not in answered(imports, {EXT: BROKEN[EXT]}, ()).breaks


def test_another_answer_is_another_state() -> None:
    files = {"pkg/__init__.py": "import ctypes\nctypes.CDLL('libz.so.1')\n"}

    def reached(opens: Callable[[str], bool]) -> list[tuple[str, ...]]:
        return [site.breaks for site in imports.reach({}, opens, lambda name: None).sites]

    imports = Imports(*a_world(files, dists=[replace(a_dist("pkg", "1.0"), opens=True)]))
    assert reached(lambda name: True) == []
    assert reached(lambda name: False) == [("pkg",)]
    assert reached(lambda name: True) == []


def test_a_state_is_asked_nothing_after_its_first_other_answer() -> None:
    """A replay may not know more than what its own walk asks."""
    files = {
        "pkg/__init__.py": "import ctypes, ctypes.util\n"
        "if ctypes.util.find_library('z') is None:\n    ctypes.CDLL('libother.so.1')\n"
    }
    imports = Imports(*a_world(files, dists=[replace(a_dist("pkg", "1.0"), opens=True)]))

    def unknown(name: str) -> bool:
        raise AssertionError(name)

    assert [site.breaks for site in imports.reach({}, lambda name: False, lambda name: None).sites] == [("pkg",)]
    assert imports.reach({}, unknown, lambda name: "libz.so.1").sites == ()

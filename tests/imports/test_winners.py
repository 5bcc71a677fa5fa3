"""Which entry wins, which are hidden, and what a script's folder would change."""

from __future__ import annotations

from dataclasses import replace

from build import STORE_PYTHON, SUFFIXES, store_loader
from nixpydoctor.disk import Disk
from nixpydoctor.edges import Source
from nixpydoctor.facts import FsPath, PathEntry, Process, Python, World
from nixpydoctor.imports.winners import SCRIPT, Winners

FIRST, SECOND = PathEntry(FsPath("/first"), "nix", "PYTHONPATH"), PathEntry(FsPath("/second"), "venv")
HOOK = "import __editable___demo_finder; __editable___demo_finder.install()\n"
TABLE = "MAPPING = {'demo': '/src/demo', 'first': '/src/first'}\nNAMESPACES = {}\nNAME = 'x'\n"


def winners(*files: str, script: str | None = None, texts: dict[FsPath, str] | None = None) -> Winners:
    python = Python(STORE_PYTHON, "3.12.1", suffixes=SUFFIXES, builtins=frozenset({"sys"}), frozen=frozenset({"os"}))
    python = replace(python, path=(FIRST, SECOND), site_folders=(SECOND.path,))
    disk = Disk.closed(sources={FsPath(path): Source() for path in files}, texts=texts)
    world = World(Process(STORE_PYTHON, None, store_loader(), {}), python)
    return Winners(world, disk, FsPath(script) if script is not None else None)


def test_the_first_entry_wins_and_the_others_are_hidden() -> None:
    winner = winners("/first/x.py", "/second/x/__init__.py").winner("x")
    assert winner is not None
    assert (winner.entry, winner.module.path) == (FIRST, "/first/x.py")
    assert [(offer.entry, offer.module.path) for offer in winner.shadowed] == [(SECOND, "/second/x/__init__.py")]


def test_a_folder_without_init_in_front_is_itself_hidden() -> None:
    winner = winners("/first/x/y.py", "/second/x.py").winner("x")
    assert winner is not None
    assert winner.entry == SECOND
    assert [offer.entry for offer in winner.shadowed] == [FIRST]


def test_portions_of_one_namespace_package_hide_nothing() -> None:
    winner = winners("/first/x/y.py", "/second/x/z.py").winner("x")
    assert winner is not None
    assert winner.shadowed == ()


def test_only_names_that_hide_something_are_contested() -> None:
    made = winners("/first/x.py", "/second/x.py", "/first/y.py", "/second/z.py", "/first/n/a.py", "/second/n/b.py")
    assert [winner.name for winner in made.contested()] == ["x"]
    assert made.contested(frozenset({FIRST.path})) == ()


def test_what_is_compiled_into_the_program_comes_from_no_entry() -> None:
    made = winners("/first/sys.py", "/first/os.py")
    assert [winner.entry for name in ("sys", "os") if (winner := made.winner(name)) is not None] == [None, None]
    assert made.contested() == ()


def test_a_scripts_folder_stands_before_everything() -> None:
    winner = winners("/first/x.py", "/project/x.py", script="/project").winner("x")
    assert winner is not None
    assert winner.entry is not None
    assert (winner.entry.path, winner.entry.by) == ("/project", SCRIPT)


def test_a_finder_of_an_editable_install_comes_after_the_path() -> None:
    texts = {FsPath("/second/demo.pth"): HOOK, FsPath("/second/__editable___demo_finder.py"): TABLE}
    made = winners("/src/demo/__init__.py", "/src/first/__init__.py", "/first/first.py", texts=texts)
    found = {name: made.winner(name) for name in ("demo", "first")}
    assert {name: winner.entry for name, winner in found.items() if winner is not None} == {
        "demo": PathEntry(FsPath("/second/demo.pth"), "hook"),
        "first": FIRST,
    }
    assert {"demo", "first"} <= made.names

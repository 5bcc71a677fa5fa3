"""What objects of one process share, and what each keeps for itself."""

from __future__ import annotations

from build import GLIBC, STORE_INTERP, a_glibc, a_library, an_object, store_loader
from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, FsPath, Process
from nixpydoctor.loader import Closures
from nixpydoctor.loader.shared import ENOUGH
from nixpydoctor.loader.trace import How

PROGRAM = FsPath("/opt/python/bin/python3")
ONE, TWO = FsPath("/x/one.so"), FsPath("/x/two.so")


def closures(*objects: Elf) -> Closures:
    program = an_object(PROGRAM, "libc.so.6", interp=STORE_INTERP)
    loader = store_loader()
    return Closures(Process(PROGRAM, loader.path, loader, {}), Disk.closed([*a_glibc(GLIBC), program, *objects]))


def test_the_same_needs_with_other_versions_are_checked_for_each() -> None:
    library = a_library("/lib/liba.so", defines=("A_1",))
    good = an_object(ONE, "liba.so", runpath="/lib", wants=[("liba.so", "A_1"), ("libc.so.6", "GLIBC_2.3")])
    bad = an_object(TWO, "liba.so", runpath="/lib", wants=[("liba.so", "A_2")])
    model = closures(library, good, bad)
    assert model.loads(ONE)
    assert not model.loads(TWO)
    assert [fault.version for fault in model.fate(TWO).faults] == ["A_2"]


def test_a_version_of_a_file_that_is_not_needed_is_not_taken_from_whoever_needs_it() -> None:
    library = a_library("/lib/liba.so", defines=("A_1",))
    good = an_object(ONE, "liba.so", runpath="/lib", wants=[("liba.so", "A_1")])
    model = closures(library, good, an_object(TWO, runpath="/lib", wants=[("liba.so", "A_1")]))
    assert model.loads(ONE)
    assert not model.loads(TWO)
    assert [fault.provider for fault in model.fate(TWO).faults] == ["liba.so"]


def test_of_an_unversioned_provider_it_is_kept_that_it_says_nothing_about_symbols() -> None:
    """`symbols` looks for each name then, although a version was wanted."""
    model = closures(a_library("/lib/liba.so"), an_object(ONE, "liba.so", runpath="/lib", wants=[("liba.so", "A_1")]))
    assert model.loads(ONE)
    root = model._root(ONE)
    assert root is not None
    assert model._binding._checks(root)


def test_a_missing_name_is_told_as_each_object_wrote_it() -> None:
    token = an_object(ONE, "$ORIGIN/libgone.so")
    plain = an_object(TWO, "/x/libgone.so")
    model = closures(token, plain)
    assert model.fate(ONE).missing == (("$ORIGIN/libgone.so", ONE),)
    assert model.fate(TWO).missing == (("/x/libgone.so", TWO),)


def test_a_runpath_is_told_as_the_objects_own_although_another_names_the_same_folders() -> None:
    model = closures(*[an_object(path, "libgone.so", runpath="/lib") for path in (ONE, TWO)])
    for path in (ONE, TWO):
        (search,) = model.searches(path)
        assert [step.source for step in search.attempts if step.how is How.RUNPATH] == [path]


def test_a_folder_that_two_rpaths_of_a_chain_name_is_searched_where_the_nearer_one_stands() -> None:
    """The library's own folder comes first, although whoever led to it names another before the same one again."""
    objects = [
        an_object(ONE, "liba.so", rpath="/a"),
        an_object("/a/liba.so", "libb.so", rpath="/b"),
        an_object("/b/libb.so", "libz.so", rpath="/a"),
    ]
    model = closures(*objects, a_library("/a/libz.so"), a_library("/b/libz.so"))
    assert model.fate(ONE).objects == (ONE, "/a/liba.so", "/b/libb.so", "/a/libz.so")
    assert [obj.path for obj in model.trace(ONE).objects][-1] == "/a/libz.so"


def test_an_empty_name_is_told_as_the_error_of_whoever_needs_it() -> None:
    model = closures(*[an_object(path, "$PLATFORM") for path in (ONE, TWO)])
    assert [model.fate(path).invalid[0][1].path for path in (ONE, TWO)] == [ONE, TWO]


def test_a_name_with_two_meanings_matters_only_where_both_are_drawn_in() -> None:
    """Two folders each have a libz.so: who needs both gets whichever is mapped first."""
    libraries = [a_library(f"/{folder}/{name}", "libz.so") for folder, name in (("a", "liba.so"), ("b", "libb.so"))]
    own = [an_object(lib.path, *lib.needed, soname=lib.soname, runpath="$ORIGIN") for lib in libraries]
    zs = [a_library("/a/libz.so", defines=("Z_1",)), a_library("/b/libz.so", defines=("Z_2",))]
    wants = [("libz.so", "Z_2")]
    both = FsPath("/x/both.so")
    model = closures(
        *own,
        *zs,
        an_object(ONE, "liba.so", runpath="/a"),
        an_object(TWO, "libb.so", "libz.so", runpath="/b", wants=wants),
        an_object(both, "liba.so", "libb.so", "libz.so", runpath="/a:/b", wants=wants),
    )
    assert model.loads(ONE)
    assert model.loads(TWO)
    assert not model.loads(both)
    assert model.fate(both).objects == (both, "/a/liba.so", "/b/libb.so", "/a/libz.so")


def test_libraries_that_lead_to_each_other_in_endless_ways_are_opened_step_by_step() -> None:
    """Twelve folders in every order, each a chain of its own: who comes first decides where the next ones look."""
    folders = [f"/{letter}" for letter in "abcdefghijkl"]
    names = [f"lib{folder[1:]}.so" for folder in folders]
    ring = [
        an_object(f"{folder}/{name}", *names, soname=name, rpath=":".join([folder, *folders]))
        for folder, name in zip(folders, names, strict=True)
    ]
    model = closures(*ring, an_object(ONE, *names, rpath=":".join(folders)), an_object(TWO, *names))
    assert model.loads(ONE)
    assert len(model.fate(ONE).objects) == 1 + len(ring)
    assert not model.loads(TWO)
    assert model._shared is not None
    assert len(model._shared._nodes) < 3 * ENOUGH

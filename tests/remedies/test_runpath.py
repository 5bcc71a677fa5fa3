"""runpath edits exactly the objects that lack a library, with folders of the store that fit, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest

from build import FHS_PYTHON, GLIBC, SITE, STORE_PYTHON, a_dist, an_object, facts, fhs_loader, store_loader
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import Diagnosis, Trial, diagnose
from nixpydoctor.facts import Elf, Facts, FsPath, Venv
from nixpydoctor.treatments import SetSearchPath

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"
EXTENSION = f"{SITE}/{EXT}"
SOURCES = {"numpy/__init__.py": "from . import _multiarray\n"}
VENV = Venv(FsPath("/home/ada/app/.venv"), FsPath(STORE_PYTHON.rpartition("/")[0]), "3.12.1", "venv", False)


def path(name: str, letter: str = "a") -> FsPath:
    """A path of the store."""
    return FsPath(f"/nix/store/{letter * 32}-{name}")


def a_store_library(
    root: str, soname: str, *needed: str, glibc: str = GLIBC, wants: Iterable[tuple[str, str]] = (), **more: object
) -> Elf:
    """A library as nixpkgs builds it: its RUNPATH names the C library that it was made with."""
    return an_object(
        f"{root}/lib/{soname}", "libc.so.6", *needed, soname=soname, runpath=f"{glibc}/lib", wants=wants,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def world(
    *objects: Elf,
    stored: Mapping[str, tuple[FsPath, ...]] | None = None,
    requisites: tuple[FsPath, ...] = (),
    sources: Mapping[str, str] = SOURCES,
    library_from: tuple[str, ...] = (),
    libraries: Iterable[str] = (),
    **more: object,
) -> Facts:
    """A venv with one extension; the store holds what is given."""
    made = facts(a_dist(extensions=[EXT], libraries=libraries), objects=objects, sources=sources, venv=VENV, **more)  # type: ignore[arg-type]
    recording = made.disk.recorded()
    closed = Disk.closed(
        [held[0] for held in recording.objects.values() if isinstance(held, tuple)],
        sources={file: source for file, source in recording.imports.items() if source is not None},
        stored=stored or {},
        requisites={STORE_ROOT: requisites},
    )
    return replace(made, disk=closed, library_from=tuple(FsPath(folder) for folder in library_from))


STORE_ROOT = FsPath("/".join(STORE_PYTHON.split("/")[:4]))


def offer(diagnosis: Diagnosis) -> Trial:
    """What is offered as runpath."""
    return next(trial for trial in diagnosis.offers if trial.treatment.remedy.name == "runpath")


def refusal(diagnosis: Diagnosis) -> str:
    """Why runpath is not offered."""
    assert all(trial.treatment.remedy.name != "runpath" for trial in diagnosis.offers)
    return next(refused.why for refused in diagnosis.not_offered if refused.remedy.name == "runpath")


def edits(made: Facts) -> tuple[SetSearchPath, ...]:
    """The edits of the offer."""
    found = offer(diagnose(made)).treatment.edits
    return tuple(edit for edit in found if isinstance(edit, SetSearchPath))


ZLIB = path("zlib-1.3.1")


def test_it_cures_with_the_folder_that_holds_the_library() -> None:
    made = world(an_object(EXTENSION, "libz.so.1"), a_store_library(ZLIB, "libz.so.1"), stored={"zlib": (ZLIB,)})
    trial = offer(diagnose(made))
    assert trial.cures_all_errors
    assert not trial.caused
    assert trial.treatment.edits == (SetSearchPath(FsPath(EXTENSION), "runpath", (f"{ZLIB}/lib",)),)


@pytest.mark.parametrize(
    ("tags", "tag", "dirs"),
    [
        ({"rpath": "$ORIGIN/../numpy.libs"}, "rpath", ("$ORIGIN/../numpy.libs", f"{ZLIB}/lib")),
        ({"runpath": "$ORIGIN:/x"}, "runpath", ("$ORIGIN", "/x", f"{ZLIB}/lib")),
        ({"runpath": ""}, "runpath", (f"{ZLIB}/lib",)),
        ({"rpath": "/void", "runpath": "/y"}, "runpath", ("/y", f"{ZLIB}/lib")),
        ({}, "runpath", (f"{ZLIB}/lib",)),
    ],
    ids=["rpath stays", "runpath stays, order kept", "empty runpath", "both: the one that counts", "none"],
)
def test_the_tag_and_the_order_stay(tags: dict[str, str], tag: str, dirs: tuple[str, ...]) -> None:
    made = world(
        an_object(EXTENSION, "libz.so.1", **tags),  # type: ignore[arg-type]
        a_store_library(ZLIB, "libz.so.1"),
        stored={"zlib": (ZLIB,)},
    )
    assert [(edit.tag, edit.dirs) for edit in edits(made)] == [(tag, dirs)]


def test_the_bundled_library_is_edited_where_its_own_search_failed() -> None:
    """And gets an RPATH: a RUNPATH would take away what it inherits from the extension."""
    bundled = f"{SITE}/numpy.libs/libblas-12345678.so"
    made = world(
        an_object(EXTENSION, "libblas-12345678.so", rpath="$ORIGIN/../numpy.libs"),
        an_object(bundled, "libz.so.1", soname="libblas-12345678.so"),
        a_store_library(ZLIB, "libz.so.1"),
        stored={"zlib": (ZLIB,)},
        libraries=["numpy.libs/libblas-12345678.so"],
    )
    assert edits(made) == (SetSearchPath(FsPath(bundled), "rpath", (f"{ZLIB}/lib",)),)
    assert offer(diagnose(made)).cures_all_errors


def test_what_the_python_itself_needs_comes_first() -> None:
    own = path("zlib-1.2.13", "b")
    made = world(
        an_object(EXTENSION, "libz.so.1"),
        a_store_library(ZLIB, "libz.so.1"),
        a_store_library(own, "libz.so.1"),
        stored={"zlib": (ZLIB,)},
        requisites=(own,),
    )
    assert edits(made)[0].dirs == (f"{own}/lib",)


def test_a_folder_that_serves_two_libraries_is_taken_for_both() -> None:
    """Both are in gcc's own folder; one of them is also somewhere else."""
    gcc, apart = path("gcc-13-lib"), path("xgcc-13-libgcc", "b")
    made = world(
        an_object(EXTENSION, "libgcc_s.so.1", "libstdc++.so.6"),
        a_store_library(apart, "libgcc_s.so.1"),
        a_store_library(gcc, "libgcc_s.so.1"),
        replace(a_store_library(gcc, "libstdc++.so.6", "libgcc_s.so.1"), runpath=f"{gcc}/lib:{GLIBC}/lib"),
        requisites=(apart, gcc),
    )
    assert edits(made)[0].dirs == (f"{gcc}/lib",)


def test_among_several_builds_the_user_chooses() -> None:
    other = path("zlib-1.3.1", "b")
    libraries = [a_store_library(root, "libz.so.1") for root in (ZLIB, other)]
    stored = {"zlib": (ZLIB, other)}
    why = refusal(diagnose(world(an_object(EXTENSION, "libz.so.1"), *libraries, stored=stored)))
    assert "--library-from" in why
    assert ZLIB in why
    chosen = world(an_object(EXTENSION, "libz.so.1"), *libraries, stored=stored, library_from=(f"{other}/lib",))
    assert edits(chosen)[0].dirs == (f"{other}/lib",)


def test_the_newest_is_taken_where_it_has_all_that_the_others_have() -> None:
    new = path("zlib-1.3.1", "b")
    made = world(
        an_object(EXTENSION, "libz.so.1"),
        a_store_library(ZLIB, "libz.so.1", defines=("ZLIB_1.2",)),
        a_store_library(new, "libz.so.1", defines=("ZLIB_1.2", "ZLIB_1.3")),
        stored={"zlib": (ZLIB, new)},
    )
    assert edits(made)[0].dirs == (f"{new}/lib",)


def test_a_library_without_the_versions_that_are_wanted_is_passed_over() -> None:
    made = world(
        an_object(EXTENSION, "libz.so.1", wants=[("libz.so.1", "ZLIB_9")]),
        a_store_library(ZLIB, "libz.so.1", defines=("ZLIB_1.2",)),
        stored={"zlib": (ZLIB,)},
    )
    assert "does not provide ZLIB_9" in refusal(diagnose(made))


def test_a_library_that_wants_a_newer_c_library_is_passed_over() -> None:
    made = world(
        an_object(EXTENSION, "libz.so.1"),
        a_store_library(ZLIB, "libz.so.1", wants=[("libc.so.6", "GLIBC_2.99")]),
        stored={"zlib": (ZLIB,)},
    )
    assert "GLIBC_2.99" in refusal(diagnose(made))


def test_a_library_built_with_another_c_library_is_only_taken_where_the_user_names_it() -> None:
    other = path("glibc-2.39", "g")
    objects = [
        an_object(EXTENSION, "libz.so.1"),
        a_store_library(ZLIB, "libz.so.1", glibc=other),
        an_object(f"{other}/lib/libc.so.6", soname="libc.so.6"),
    ]
    assert "another C library" in refusal(diagnose(world(*objects, stored={"zlib": (ZLIB,)})))
    assert edits(world(*objects, library_from=(ZLIB,)))[0].dirs == (f"{ZLIB}/lib",)


def test_a_folder_with_a_c_library_is_never_named() -> None:
    objects = [
        an_object(EXTENSION, "libz.so.1"),
        a_store_library(ZLIB, "libz.so.1"),
        an_object(f"{ZLIB}/lib/libc.so.6", soname="libc.so.6"),
    ]
    why = refusal(diagnose(world(*objects, stored={"zlib": (ZLIB,)}, library_from=(f"{ZLIB}/lib",))))
    assert "C library" in why


@pytest.mark.parametrize(
    ("soname", "why"), [("libcuda.so.1", "driver"), ("libnsl.so.1", "must not be put on a search path")]
)
def test_drivers_and_members_of_the_c_library_are_never_supplied(soname: str, why: str) -> None:
    """They are missing, and a folder that was named has them."""
    made = world(an_object(EXTENSION, soname), a_store_library(ZLIB, soname), library_from=(f"{ZLIB}/lib",))
    assert why in refusal(diagnose(made))


def test_not_offered_to_a_python_whose_loader_is_the_distributions() -> None:
    made = world(
        an_object(EXTENSION, "libz.so.1"),
        a_store_library(ZLIB, "libz.so.1"),
        stored={"zlib": (ZLIB,)},
        store=False,
        fhs=fhs_loader(),
    )
    assert made.main.process.executable == FHS_PYTHON
    assert "loader" in refusal(diagnose(made))


def test_objects_outside_of_the_venv_are_left_alone() -> None:
    made = world(an_object(EXTENSION, "libz.so.1"), a_store_library(ZLIB, "libz.so.1"), stored={"zlib": (ZLIB,)})
    elsewhere = replace(made.main, venv=replace(VENV, root=FsPath("/home/ada/other")))
    assert "no object below" in refusal(diagnose(replace(made, main=elsewhere)))


def test_with_neither_venv_nor_project_there_is_no_place_to_work_in() -> None:
    made = world(an_object(EXTENSION, "libz.so.1"), a_store_library(ZLIB, "libz.so.1"), stored={"zlib": (ZLIB,)})
    assert "no venv" in refusal(diagnose(replace(made, main=replace(made.main, venv=None))))


def test_what_is_not_in_the_store_is_named_and_the_rest_is_cured() -> None:
    made = world(
        an_object(EXTENSION, "libz.so.1", "libexpat.so.1"),
        a_store_library(ZLIB, "libz.so.1"),
        stored={"zlib": (ZLIB,), "expat": ()},
    )
    trial = offer(diagnose(made))
    assert [finding.detail for finding in trial.cured] == ["libz.so.1"]
    assert "libexpat.so.1 is not in the store" in trial.treatment.instructions


def test_a_library_reached_a_long_way_round_is_edited_under_its_own_name() -> None:
    """The loader asks for `numpy/../numpy.libs/…`: the same file."""
    bundled = f"{SITE}/numpy.libs/libblas-12345678.so"
    lib = an_object(bundled, "libz.so.1", soname="libblas-12345678.so", runpath="$ORIGIN")
    made = world(
        an_object(EXTENSION, "libblas-12345678.so", runpath="$ORIGIN/../numpy.libs"),
        lib,
        replace(lib, path=FsPath(f"{SITE}/numpy/../numpy.libs/libblas-12345678.so")),
        a_store_library(ZLIB, "libz.so.1"),
        stored={"zlib": (ZLIB,)},
        libraries=["numpy.libs/libblas-12345678.so"],
    )
    trial = offer(diagnose(made))
    assert [edit.path for edit in trial.treatment.edits] == [bundled]
    after = trial.treatment.after.disk.objects(FsPath(f"{SITE}/numpy/../numpy.libs/libblas-12345678.so"))
    assert isinstance(after, tuple)
    assert after[0].runpath == f"$ORIGIN:{ZLIB}/lib"
    assert after[0].path == f"{SITE}/numpy/../numpy.libs/libblas-12345678.so"


def test_a_loader_of_nix_ld_counts_as_the_stores() -> None:
    shim = store_loader(path=FsPath("/lib64/ld-linux-x86-64.so.2"), shim="nix-ld", library_path="/nothing")
    made = world(
        an_object(EXTENSION, "libz.so.1"),
        a_store_library(ZLIB, "libz.so.1"),
        stored={"zlib": (ZLIB,)},
        loader=shim,
    )
    assert edits(made)[0].dirs == (f"{ZLIB}/lib",)

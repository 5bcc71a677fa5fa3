"""musl's rules on literal worlds; where musl is installed, its loader judges the same in the oracle."""

from __future__ import annotations

from dataclasses import replace

from build import a_glibc, a_library, an_object
from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Loader, Object, Process, Unread
from nixpydoctor.loader import Closures, dlopen
from nixpydoctor.loader.trace import How

INTERP = FsPath("/lib/ld-musl-x86_64.so.1")
PROGRAM = FsPath("/usr/bin/python3")


def opened(*objects: Object | Unread, own: str | None = None, **env: str) -> Closures:
    return Closures(*a_world(*objects, own=own, **env))


def a_world(*objects: Object | Unread, own: str | None = None, **env: str) -> tuple[Process, Disk]:
    loader = Loader(INTERP, INTERP, "musl", system_dirs=(FsPath("/lib"), FsPath("/usr/lib")))
    program = an_object(PROGRAM, "libc.musl-x86_64.so.1", interp=INTERP, rpath=own)
    itself = an_object(INTERP, soname="libc.musl-x86_64.so.1")
    return Process(PROGRAM, INTERP, loader, env), Disk.closed([program, itself, *objects])


def test_glibcs_sonames_mean_musl_and_its_loader_is_missing() -> None:
    """What a glibc wheel meets under musl."""
    extension = an_object(
        "/x/ext.so",
        *("libc.so.6", "libm.so.6", "libpthread.so.0", "ld-linux-x86-64.so.2"),
        wants=[("libc.so.6", "GLIBC_2.38")],
    )
    fate = opened(extension).fate(FsPath("/x/ext.so"))
    assert fate.missing == (("ld-linux-x86-64.so.2", FsPath("/x/ext.so")),)
    assert fate.faults == ()


def test_a_second_c_library_is_dropped_for_the_process_own() -> None:
    """Whatever path leads to it: `libc_musl.so` is no reserved name, its soname gives it away."""
    foreign = an_object("/opt/libforeign.so", soname="libc.so.6")
    extension = a_library("/x/ext.so", "/opt/libforeign.so", "libforeign.so")
    closures = opened(extension, foreign, *a_glibc("/opt/glibc"), LD_LIBRARY_PATH="/opt")
    fate = closures.fate(FsPath("/x/ext.so"))
    assert fate.loads
    assert fate.objects == ("/x/ext.so",)


def test_the_variable_comes_first_then_every_rpath_up_to_the_program() -> None:
    libraries = [a_library(f"/{folder}/libz.so.1") for folder in ("env", "up", "own", "usr/lib")]
    extension = an_object("/x/ext.so", "libz.so.1", runpath="/own")
    closures = opened(extension, *libraries, own="/up", LD_LIBRARY_PATH="/env")
    (step,) = closures.trace(FsPath("/x/ext.so")).resolutions
    assert [(attempt.path, attempt.how) for attempt in step.attempts] == [("/env/libz.so.1", How.ENV)]
    closures = opened(extension, libraries[1], own="/up")
    (step,) = closures.trace(FsPath("/x/ext.so")).resolutions
    assert [attempt.how for attempt in step.attempts] == [How.RUNPATH, How.RPATH]


def test_a_file_that_is_no_object_ends_the_search() -> None:
    bad = Unread(FsPath("/env/libz.so.1"), "invalid ELF header", True)
    extension = a_library("/x/ext.so", "libz.so.1")
    fate = opened(extension, bad, a_library("/lib/libz.so.1"), LD_LIBRARY_PATH="/env").fate(FsPath("/x/ext.so"))
    assert fate.invalid == (("libz.so.1", Unread(FsPath("/env/libz.so.1"), "Exec format error", True)),)


def test_the_quick_way_and_the_way_with_its_working_agree() -> None:
    objects = [
        an_object("/a/libone.so", "libtwo.so", "libgone.so", runpath="$ORIGIN/../b"),
        an_object("/b/libtwo.so", "libone.so", soname="libone.so"),
        an_object("/x/ext.so", "libone.so", "libtwo.so", "libm.so.6", rpath="/a"),
    ]
    process, disk = a_world(*objects)
    closures = Closures(process, disk)
    for obj in objects:
        fate, model = closures.fate(obj.path), closures.trace(obj.path)
        assert fate.loads == model.loads
        assert fate.missing == tuple((step.needed, step.requester) for step in model.missing)
        assert dlopen(closures.image, process, obj.path, disk) == model


def test_libraries_that_need_each_other_are_opened_once_each() -> None:
    """Each with its own search path, which it hands down: the chain that leads to them never ends."""
    pair = [a_library(f"/{own}/lib{own}.so", f"lib{other}.so") for own, other in ("ab", "ba")]
    pair = [replace(library, runpath="/a:/b" if library.soname == "liba.so" else "/b:/a") for library in pair]
    extension = an_object("/x/ext.so", "liba.so", "libgone.so", runpath="/a")
    closures = opened(extension, *pair)
    fate = closures.fate(FsPath("/x/ext.so"))
    assert not closures.loads(FsPath("/x/ext.so"))
    assert fate.objects == ("/x/ext.so", "/a/liba.so", "/b/libb.so")
    assert closures.loads(FsPath("/a/liba.so"))
    (search,) = closures.searches(FsPath("/x/ext.so"))
    assert {step.source for step in search.attempts if step.how is How.RUNPATH} == {"/x/ext.so"}

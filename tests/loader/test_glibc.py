"""glibc's rules on literal worlds: what no compiler shows, and what holds for every world."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import FHS_INTERP, GLIBC, STORE_INTERP, a_glibc, a_library, an_object, fhs_loader, store_loader
from nixpydoctor.disk import Disk
from nixpydoctor.facts import Arch, CacheEntry, Elf, FsPath, Loader, Object, Process, Unread
from nixpydoctor.loader import Closures, Fate, dlopen, start
from nixpydoctor.loader.trace import How, LinkMap, Verdict
from nixpydoctor.recording import NotRecorded

PROGRAM = FsPath("/opt/python/bin/python3")


def process(loader: Loader | None = None, **env: str) -> Process:
    loader = loader or store_loader()
    return Process(PROGRAM, loader.path, loader, env)


def program(*needed: str, **changes: str) -> Elf:
    return an_object(PROGRAM, *needed, "libc.so.6", interp=STORE_INTERP, **changes)  # type: ignore[arg-type]


def world(*objects: Object | Unread) -> Disk:
    return Disk.closed([*a_glibc(GLIBC), *objects])


def fate_of(disk: Disk, path: str, running: Process | None = None, also: tuple[str, ...] = ()) -> Fate:
    """The fate, after making sure that the working says the same."""
    return checked(Closures(running or process(), disk), path, tuple(map(FsPath, also)))


def checked(closures: Closures, path: str, opened: tuple[FsPath, ...] = ()) -> Fate:
    fate, model = closures.fate(FsPath(path), opened), closures.trace(FsPath(path), opened)
    assert fate.loads == model.loads
    assert fate.missing == tuple((step.needed, step.requester) for step in model.missing)
    assert (fate.failure, fate.faults) == (model.failure, model.faults)
    return fate


# ── processes that do not start, or have no loader ───────────────────────────────────────────────────────────────────


def test_without_a_loader_nothing_starts_and_nothing_opens() -> None:
    disk = world(program(), a_library("/x/ext.so"))
    dead = Process(PROGRAM, FsPath("/lib64/ld-linux-x86-64.so.2"), None, {})
    assert start(dead, disk).failure == Unread(FsPath("/lib64/ld-linux-x86-64.so.2"), "No such file or directory", True)
    assert not fate_of(disk, "/x/ext.so", dead).loads


def test_a_stub_starts_nothing() -> None:
    model = start(process(Loader(FHS_INTERP, FHS_INTERP, "stub")), world(program()))
    assert model.failure is not None
    assert model.failure.path == FHS_INTERP
    assert not model.loads


def test_a_static_program_runs_alone_and_opens_nothing() -> None:
    disk = world(an_object(PROGRAM), a_library("/x/ext.so"))
    static = Process(PROGRAM, None, None, {})
    model = start(static, disk)
    assert model.loads
    assert [obj.path for obj in model.objects] == [PROGRAM]
    fate = Closures(static, disk).fate(FsPath("/x/ext.so"))
    assert fate.failure is not None
    assert "static" in fate.failure.reason
    assert dlopen(model, static, FsPath("/x/ext.so"), disk).failure == fate.failure


def test_a_program_that_is_gone_or_no_object_is_the_failure() -> None:
    assert start(process(), world()).failure == Unread(PROGRAM, "No such file or directory", True)
    text = Unread(PROGRAM, "invalid ELF header", True)
    assert start(process(), world(text)).failure == text


# ── the search ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_shim_adds_comes_after_the_variable() -> None:
    disk = world(program(), a_library("/a/libz.so.1"), a_library("/b/libz.so.1"), a_library("/x/ext.so", "libz.so.1"))
    shimmed = store_loader(shim="nix-ld", library_path="/b")
    assert fate_of(disk, "/x/ext.so", process(shimmed)).objects[-1] == "/b/libz.so.1"
    assert fate_of(disk, "/x/ext.so", process(shimmed, LD_LIBRARY_PATH="/a")).objects[-1] == "/a/libz.so.1"


def test_a_denied_file_is_passed_over() -> None:
    denied = Unread(FsPath("/a/libz.so.1"), "Permission denied", False)
    disk = world(program(), denied, a_library("/b/libz.so.1"), a_library("/x/ext.so", "libz.so.1"))
    model = Closures(process(LD_LIBRARY_PATH="/a:/b"), disk).trace(FsPath("/x/ext.so"))
    assert [attempt.verdict for attempt in model.resolutions[0].attempts] == [Verdict.DENIED, Verdict.FOUND]


def test_a_folder_that_exists_and_cannot_be_listed_is_asked_for_each_file() -> None:
    disk = world(program(), a_library("/secret/lib/libz.so.1"), a_library("/x/ext.so", "libz.so.1"))
    disk._names[FsPath("/secret/lib")] = None
    assert fate_of(disk, "/x/ext.so", process(LD_LIBRARY_PATH="/secret/lib")).loads
    assert not fate_of(disk, "/x/ext.so", process(LD_LIBRARY_PATH="/secret/gone")).loads


def test_a_needed_path_relative_to_nowhere_known_is_absent_and_says_so() -> None:
    disk = world(program(), a_library("/x/ext.so", "./libz.so.1"))
    (step,) = Closures(process(), disk).trace(FsPath("/x/ext.so")).missing
    assert step.attempts[0].reason == "relative to the working folder"


def test_a_needed_path_with_an_unknown_token_is_an_error() -> None:
    disk = world(program(), a_library("/x/ext.so", "$PLATFORM/libz.so.1"))
    fate = fate_of(disk, "/x/ext.so")
    assert [reason.reason for _, reason in fate.invalid] == ["empty dynamic string token substitution"]


def test_a_file_that_does_not_exist_yet_is_one_file_by_its_path() -> None:
    planned = [
        replace(a_library(f"/${{pkgs.{name}}}/lib/{name}.so"), identity=(0, 0), verdef=None) for name in ("a", "b")
    ]
    extension = an_object("/x/ext.so", "a.so", "b.so", wants=[("a.so", "A_9")])
    disk = world(program(), extension, *planned)
    fate = fate_of(disk, "/x/ext.so", process(LD_LIBRARY_PATH="/${pkgs.a}/lib:/${pkgs.b}/lib"))
    assert fate.loads
    assert len(fate.objects) == 3


def test_a_path_that_was_never_recorded_is_not_taken_for_absent() -> None:
    disk = Disk(None)
    with pytest.raises(NotRecorded):
        start(process(), disk)


# ── the cache ────────────────────────────────────────────────────────────────────────────────────────────────────────

FHS = Arch(62, 64, True)


def cached(*entries: tuple[str, str, int, str | None], **changes: object) -> Process:
    cache = tuple(CacheEntry(soname, FsPath(path), flags, hwcap) for soname, path, flags, hwcap in entries)
    return process(fhs_loader(real=STORE_INTERP, cache=cache, system_dirs=(FsPath("/usr/lib"),), **changes))


def through_cache(running: Process, *objects: Object, flags: bool = False) -> str | None:
    extension = replace(a_library("/x/ext.so", "libz.so.1"), nodeflib=flags)
    disk = world(program(), extension, *objects)
    running = running.setenv("LD_LIBRARY_PATH", f"{GLIBC}/lib")
    fate = fate_of(disk, "/x/ext.so", running)
    return fate.objects[-1] if fate.loads else None


def test_an_entry_for_another_machine_does_not_count() -> None:
    libz = a_library("/lib32/libz.so.1")
    assert through_cache(cached(("libz.so.1", "/lib32/libz.so.1", 3, None)), libz) is None
    assert through_cache(cached(("libz.so.1", "/lib32/libz.so.1", 0x303, None)), libz) == "/lib32/libz.so.1"


def test_of_plain_entries_the_first_counts_even_where_its_file_is_gone() -> None:
    entries = (("libz.so.1", "/a/libz.so.1", 0x303, None), ("libz.so.1", "/b/libz.so.1", 0x303, None))
    assert through_cache(cached(*entries), a_library("/b/libz.so.1")) is None
    assert through_cache(cached(*entries), a_library("/b/libz.so.1"), a_library("/usr/lib/libz.so.1")) == (
        "/usr/lib/libz.so.1"
    )


def test_the_best_hwcaps_entry_that_the_cpu_enables_counts() -> None:
    entries = (
        ("libz.so.1", "/a/glibc-hwcaps/x86-64-v2/libz.so.1", 0x303, "x86-64-v2"),
        ("libz.so.1", "/a/glibc-hwcaps/x86-64-v4/libz.so.1", 0x303, "x86-64-v4"),
        ("libz.so.1", "/a/glibc-hwcaps/x86-64-v3/libz.so.1", 0x303, "x86-64-v3"),
        ("libz.so.1", "/a/libz.so.1", 0x303, None),
    )
    objects = [a_library(path) for _, path, _, _ in entries]
    assert through_cache(cached(*entries, hwcaps=("x86-64-v3", "x86-64-v2")), *objects) == entries[2][1]
    assert through_cache(cached(*entries, hwcaps=("x86-64-v2",)), *objects) == entries[0][1]
    assert through_cache(cached(*entries), *objects) == entries[3][1]


def test_an_object_with_nodeflib_takes_no_entry_from_a_default_folder() -> None:
    entry = ("libz.so.1", "/usr/lib/libz.so.1", 0x303, None)
    other = ("libz.so.1", "/opt/lib/libz.so.1", 0x303, None)
    assert through_cache(cached(entry), a_library("/usr/lib/libz.so.1"), flags=True) is None
    assert through_cache(cached(other), a_library("/opt/lib/libz.so.1"), flags=True) == "/opt/lib/libz.so.1"


# ── the loader itself ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_loader_is_there_under_its_soname_and_its_versions_count() -> None:
    disk = world(program(), an_object("/x/ext.so", wants=[("ld-linux-x86-64.so.2", "GLIBC_2.99")]))
    model = start(process(), disk)
    assert model.objects[-1].path == STORE_INTERP
    assert [fault.version for fault in fate_of(disk, "/x/ext.so").faults] == ["GLIBC_2.99"]


def test_a_foreign_c_library_is_held_against_the_loader_that_runs() -> None:
    """`GLIBC_PRIVATE` of another release is what kills a process into which a variable brings a second C library."""
    foreign = an_object(
        "/usr/lib/libc.so.6",
        "ld-linux-x86-64.so.2",
        soname="libc.so.6",
        wants=[("ld-linux-x86-64.so.2", "GLIBC_2.41")],
    )
    model = start(process(LD_LIBRARY_PATH="/usr/lib"), world(program(), foreign))
    assert not model.loads
    assert [(fault.requester, fault.provider) for fault in model.faults] == [("/usr/lib/libc.so.6", STORE_INTERP)]


def test_one_more_name_for_a_file_of_the_process_is_held_against_that_file() -> None:
    libz = an_object("/a/libz.so.1", soname="libz.so.1", defines=("ZLIB_1",))
    alias = replace(libz, path=FsPath("/a/libz.so"))
    extension = an_object("/x/ext.so", "libz.so", wants=[("libz.so", "ZLIB_2")])
    disk = world(program("libz.so.1"), libz, alias, extension)
    fate = fate_of(disk, "/x/ext.so", process(LD_LIBRARY_PATH="/a"))
    assert [(fault.provider, fault.version) for fault in fate.faults] == [("/a/libz.so.1", "ZLIB_2")]
    assert fate.objects == ("/x/ext.so",)


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────────────

NAMES = ("liba.so", "libb.so", "libc.so.6", "libd.so")
FOLDERS = ("/a", "/b", "/c")


# Made once: hypothesis is slow in making a strategy and quick in drawing from one.
THERE = st.sets(st.sampled_from(NAMES[:2] + NAMES[3:])).map(sorted)
NEEDED = st.lists(st.sampled_from(NAMES), max_size=3, unique=True)
SONAMES = {name: st.sampled_from([name, *NAMES[:2], None]) for name in NAMES}
SEARCH = st.none() | st.lists(st.sampled_from([*FOLDERS, "$ORIGIN", "/gone"]), max_size=2).map(":".join)
WANTS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["V_1", "V_2"])), max_size=1)
DEFINES = st.sampled_from([(), ("V_1",), ("V_1", "V_2")])


@st.composite
def worlds(draw: st.DrawFn) -> list[Elf]:
    """A few libraries in a few folders that need each other, with rpaths and runpaths."""
    return [
        an_object(
            f"{folder}/{name}",
            *draw(NEEDED),
            soname=draw(SONAMES[name]),
            rpath=draw(SEARCH),
            runpath=draw(SEARCH),
            wants=draw(WANTS),
            defines=draw(DEFINES),
        )
        for folder in FOLDERS
        for name in draw(THERE)
    ]


def outcome(model: LinkMap) -> tuple[object, ...]:
    return (
        model.loads,
        [obj.path for obj in model.objects],
        [(step.needed, step.requester, step.found) for step in model.resolutions],
        model.faults,
    )


@given(worlds(), st.sampled_from([None, "/a:/b", "/b:/c"]))
def test_the_quick_way_and_the_way_with_its_working_agree(objects: list[Elf], variable: str | None) -> None:
    """Whatever was opened before, `Closures.fate`, `Closures.trace` and `dlopen` say the same."""
    disk = world(program(), *objects)
    running = process().setenv("LD_LIBRARY_PATH", variable)
    closures = Closures(running, disk)
    for obj in objects:
        fate_of(disk, obj.path, running)
        assert dlopen(closures.image, running, obj.path, disk) == closures.trace(obj.path)
        fate_of(disk, obj.path, running, also=(objects[0].path,))


@given(worlds().flatmap(st.permutations), st.sampled_from([None, "/a:/b", "/b:/c"]))
def test_what_one_process_shares_between_openings_changes_none_of_them(
    objects: list[Elf], variable: str | None
) -> None:
    """Opened one after the other, each by the same `Closures`, as alone; and all together draw in what each does."""
    closures = Closures(process().setenv("LD_LIBRARY_PATH", variable), world(program(), *objects))
    drawn = {
        path for obj in objects if obj.path not in closures.image.known for path in closures.fate(obj.path).objects
    }
    for obj in objects:
        assert closures.loads(obj.path) == checked(closures, obj.path).loads
    assert closures.drawn([obj.path for obj in objects]) == drawn


@given(worlds(), st.integers(0, 2))
def test_a_folder_without_the_library_changes_nothing(objects: list[Elf], place: int) -> None:
    """A directory without the library, put anywhere in a search path, changes no outcome."""
    extension = an_object("/x/ext.so", *NAMES)
    disk = world(program(), extension, *objects, a_library("/empty/libother.so"))
    folders = ["/a", "/b"]
    plain = Closures(process(LD_LIBRARY_PATH=":".join(folders)), disk).trace(FsPath("/x/ext.so"))
    folders.insert(place, "/empty")
    more = Closures(process(LD_LIBRARY_PATH=":".join(folders)), disk).trace(FsPath("/x/ext.so"))
    assert outcome(plain) == outcome(more)


@given(worlds())
def test_an_object_found_is_the_last_attempt(objects: list[Elf]) -> None:
    disk = world(program(), an_object("/x/ext.so", *NAMES, runpath="/a:/b"), *objects)
    for step in Closures(process(), disk).trace(FsPath("/x/ext.so")).resolutions:
        verdicts = [attempt.verdict for attempt in step.attempts]
        assert verdicts.count(Verdict.FOUND) == (step.found is not None)
        assert step.found is None or verdicts[-1] is Verdict.FOUND


@given(worlds())
def test_each_file_is_mapped_once(objects: list[Elf]) -> None:
    disk = world(program(), an_object("/x/ext.so", *NAMES, runpath="/a:/b:/c"), *objects)
    model = Closures(process(), disk).trace(FsPath("/x/ext.so"))
    assert len({obj.identity for obj in model.objects}) == len(model.objects)


def test_preloads_come_from_the_variable_and_then_from_the_loaders_file() -> None:
    disk = world(program(), a_library("/a/libone.so"), a_library("/b/libtwo.so"))
    running = process(store_loader(preload=("/b/libtwo.so",)), LD_PRELOAD="/a/libone.so /gone/libno.so")
    model = start(running, disk)
    assert [obj.path for obj in model.objects[1:3]] == ["/a/libone.so", "/b/libtwo.so"]
    assert [step.needed for step in model.ignored] == ["/gone/libno.so"]
    assert {step.attempts[0].how for step in model.resolutions[:2]} == {How.PRELOAD}
    assert model.loads

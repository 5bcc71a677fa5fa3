"""Each scenario is a sentence about glibc's loader, which judges it: outcome first, then the order of the search."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from nixpydoctor.loader import start
from nixpydoctor.loader.trace import How, LinkMap, Verdict
from oracle.real import disk
from oracle.workshop import Workshop, patched, small_object, with_tag, without_needs

DT_RPATH, DT_RUNPATH = 15, 29


def chain(workshop: Workshop, **middle: str) -> None:
    """c/libmid.so needs libleaf.so, which lies in a/."""
    workshop.library("a/libleaf.so")
    workshop.library("c/libmid.so", "libleaf.so", **middle)  # type: ignore[arg-type]


def two(workshop: Workshop) -> tuple[str, str]:
    """libleaf.so in a/ and in b/."""
    return str(workshop.library("a/libleaf.so").parent), str(workshop.library("b/libleaf.so").parent)


def found(model: LinkMap, name: str) -> str:
    """Where the model found a needed name."""
    (step,) = [step for step in model.resolutions if step.needed == name]
    assert step.found is not None
    return step.found.path


# ── RPATH, LD_LIBRARY_PATH, RUNPATH ──────────────────────────────────────────────────────────────────────────────────


def test_rpath_reaches_what_a_library_needs(workshop: Workshop) -> None:
    chain(workshop)
    real, _ = workshop.agree(workshop.program("libmid.so", rpath=f"{workshop.root}/c:{workshop.root}/a"))
    assert real.success


def test_runpath_does_not_reach_what_a_library_needs(workshop: Workshop) -> None:
    chain(workshop)
    real, _ = workshop.agree(workshop.program("libmid.so", runpath=f"{workshop.root}/c:{workshop.root}/a"))
    assert not real.success


def test_a_runpath_on_the_requester_switches_every_rpath_off(workshop: Workshop) -> None:
    chain(workshop, runpath="/nowhere")
    real, _ = workshop.agree(workshop.program("libmid.so", rpath=f"{workshop.root}/c:{workshop.root}/a"))
    assert not real.success


def test_an_empty_runpath_switches_rpaths_off_as_well(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so")
    middle = workshop.library("c/libmid.so", "libleaf.so")
    with_tag(middle, DT_RUNPATH, 0)
    real, model = workshop.agree(workshop.program("libmid.so", rpath=f"{workshop.root}/c:{workshop.root}/a"))
    assert not real.success
    assert [obj.runpath for obj in model.objects if obj.path == str(middle)] == [""]


def test_beside_a_runpath_the_rpath_of_the_same_object_is_void(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so")
    program = workshop.program("libleaf.so", rpath=f"{workshop.root}/a")
    with_tag(program, DT_RUNPATH, 0)
    real, _ = workshop.agree(program)
    assert not real.success


def test_an_empty_rpath_names_no_folder(workshop: Workshop) -> None:
    workshop.library("libleaf.so")
    program = workshop.program("libleaf.so")
    with_tag(program, DT_RPATH, 0)
    real, _ = workshop.agree(program)
    assert not real.success


def test_an_ancestor_with_a_runpath_adds_nothing_and_the_walk_goes_on(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so")
    workshop.library("b/libinner.so", "libleaf.so")
    workshop.library("c/libmid.so", "libinner.so", runpath=f"{workshop.root}/b:{workshop.root}/a")
    real, _ = workshop.agree(workshop.program("libmid.so", rpath=f"{workshop.root}/c"))
    assert not real.success
    real, _ = workshop.agree(workshop.program("libmid.so", rpath=f"{workshop.root}/c:{workshop.root}/a"))
    assert real.success


def test_the_rpath_of_the_one_in_between_comes_before_the_programs(workshop: Workshop) -> None:
    a, b = two(workshop)
    workshop.library("c/libmid.so", "libleaf.so", rpath=b)
    _, model = workshop.agree(workshop.program("libmid.so", rpath=f"{workshop.root}/c:{a}"))
    assert found(model, "libleaf.so").startswith(b)


def test_rpath_beats_the_variable(workshop: Workshop) -> None:
    a, b = two(workshop)
    _, model = workshop.agree(workshop.program("libleaf.so", rpath=a), LD_LIBRARY_PATH=b)
    assert found(model, "libleaf.so").startswith(a)


def test_the_variable_beats_runpath(workshop: Workshop) -> None:
    a, b = two(workshop)
    _, model = workshop.agree(workshop.program("libleaf.so", runpath=a), LD_LIBRARY_PATH=b)
    assert found(model, "libleaf.so").startswith(b)


def test_a_semicolon_separates_in_the_variable(workshop: Workshop) -> None:
    _, b = two(workshop)
    real, _ = workshop.agree(workshop.program("libleaf.so"), LD_LIBRARY_PATH=f"/nowhere;{b}")
    assert real.success


def test_a_semicolon_is_part_of_a_name_in_an_rpath(workshop: Workshop) -> None:
    _, b = two(workshop)
    real, _ = workshop.agree(workshop.program("libleaf.so", rpath=f"/nowhere;{b}"))
    assert not real.success


def test_an_empty_element_is_the_working_folder(workshop: Workshop) -> None:
    _, model = workshop.agree(workshop.program("libleaf.so"), LD_LIBRARY_PATH=":/nowhere")
    assert "." in [attempt.path for attempt in model.missing[0].attempts]


def test_an_empty_variable_is_as_good_as_none(workshop: Workshop) -> None:
    _, model = workshop.agree(workshop.program("libleaf.so"), LD_LIBRARY_PATH="")
    assert How.ENV not in {attempt.how for attempt in model.missing[0].attempts}


def test_a_folder_named_twice_is_searched_once(workshop: Workshop) -> None:
    workshop.path("a/x").touch()
    folder = f"{workshop.root}/a"
    _, model = workshop.agree(workshop.program("libleaf.so"), LD_LIBRARY_PATH=f"{folder}:{folder}//:{folder}/")
    assert [attempt.path for attempt in model.missing[0].attempts].count(folder) == 1  # type: ignore[arg-type]


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_origin_is_the_folder_of_the_object_that_says_it(workshop: Workshop) -> None:
    workshop.library("c/inner/libleaf.so")
    workshop.library("c/libmid.so", "libleaf.so", rpath="$ORIGIN/inner")
    real, _ = workshop.agree(workshop.program("libmid.so", rpath="$ORIGIN/../c"))
    assert real.success


def test_origin_of_a_library_behind_a_symlink_is_the_symlinks_folder(workshop: Workshop) -> None:
    workshop.library("store/libleaf.so")
    workshop.library("store/libmid.so", "libleaf.so", runpath="$ORIGIN")
    workshop.path("farm/libmid.so").symlink_to("../store/libmid.so")
    real, _ = workshop.agree(workshop.program("libmid.so", runpath=f"{workshop.root}/farm"))
    assert not real.success


def test_origin_of_a_program_behind_a_symlink_is_the_real_folder(workshop: Workshop) -> None:
    workshop.library("bin/libleaf.so")
    workshop.program("libleaf.so", runpath="$ORIGIN")
    link = workshop.path("farm/program")
    link.symlink_to("../bin/program")
    real, _ = workshop.agree(link)
    assert real.success


def test_tokens_in_the_variable_are_the_programs(workshop: Workshop) -> None:
    workshop.library("bin/lib/libleaf.so")
    real, _ = workshop.agree(workshop.program("libleaf.so"), LD_LIBRARY_PATH="${ORIGIN}/lib")
    assert real.success


def test_lib_and_platform_have_the_loaders_values(workshop: Workshop) -> None:
    lib, platform = workshop.loader.lib, workshop.loader.platform
    workshop.library(f"{lib}/{platform}/libleaf.so")
    real, _ = workshop.agree(workshop.program("libleaf.so", rpath="$ORIGIN/../$LIB/${PLATFORM}"))
    assert real.success


def test_a_longer_name_is_no_token(workshop: Workshop) -> None:
    workshop.library("bin/libleaf.so")
    real, _ = workshop.agree(workshop.program("libleaf.so", rpath="$ORIGINAL:$ORIGIN_:${ORIGIN:$$ORIGIN"))
    assert not real.success


# ── candidates that cannot be used ───────────────────────────────────────────────────────────────────────────────────


def shadowed(workshop: Workshop) -> tuple[Path, Path]:
    """A place before that of the good library, and a program that looks into both."""
    two(workshop)
    return workshop.root / "a/libleaf.so", workshop.program("libleaf.so", rpath=f"{workshop.root}/a:{workshop.root}/b")


def test_a_text_ends_the_search_with_an_error(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    bad.write_text("/* GNU ld script */\nGROUP ( libleaf.so.1 AS_NEEDED ( libother.so ) ) and a bit more of it\n")
    real, model = workshop.agree(program)
    assert "invalid ELF header" in real.said
    assert model.missing[0].attempts[-1].reason == "invalid ELF header"


def test_an_empty_file_ends_the_search_with_an_error(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    bad.write_bytes(b"")
    real, model = workshop.agree(program)
    assert "file too short" in real.said
    assert model.missing[0].attempts[-1].reason == "file too short"


def test_a_folder_of_that_name_ends_the_search_with_an_error(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    bad.unlink()
    bad.mkdir()
    real, model = workshop.agree(program)
    assert "cannot read file data" in real.said
    assert model.missing[0].attempts[-1].verdict is Verdict.INVALID


def test_an_object_file_ends_the_search_with_an_error(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    patched(bad, 16, b"\1\0")
    real, model = workshop.agree(program)
    assert "only ET_DYN and ET_EXEC can be loaded" in real.said
    assert model.missing[0].attempts[-1].reason == "only ET_DYN and ET_EXEC can be loaded"


def test_the_other_byte_order_ends_the_search_with_an_error(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    data = bytearray(bad.read_bytes()[:64])
    data[5] = 2
    bad.write_bytes(bytes(data) + b"\0" * 4096)
    real, _ = workshop.agree(program)
    assert "data encoding not little-endian" in real.said


def test_an_unknown_system_abi_ends_the_search_with_an_error(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    patched(bad, 7, b"\x09")
    real, model = workshop.agree(program)
    assert "ELF file OS ABI invalid" in real.said
    assert model.missing[0].attempts[-1].reason == "ELF file OS ABI invalid"


def test_a_position_independent_program_is_not_a_library(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    shutil.copy(workshop.program(name="bin/other"), bad)
    real, model = workshop.agree(program)
    assert "cannot dynamically load position-independent executable" in real.said
    assert model.missing[0].invalid is not None
    assert model.missing[0].invalid.reason in real.said


def test_a_program_at_a_fixed_address_is_not_a_library(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    shutil.copy(workshop.program(name="bin/other", flags=["-no-pie"]), bad)
    real, model = workshop.agree(program)
    assert "cannot dynamically load executable" in real.said
    assert model.missing[0].invalid is not None


def test_another_machine_is_skipped(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    patched(bad, 18, b"\xb7\0" if workshop.loader.path.endswith("x86-64.so.2") else b"\x3e\0")
    real, model = workshop.agree(program)
    assert real.success
    assert [a.verdict for a in model.resolutions[0].attempts] == [Verdict.WRONG_MACHINE, Verdict.FOUND]


def test_the_other_class_is_skipped(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    bad.write_bytes(small_object())
    real, model = workshop.agree(program)
    assert model.resolutions[0].attempts[0].reason == "wrong ELF class: ELFCLASS32"
    assert real.success


def test_the_other_class_is_skipped_whatever_else_is_wrong_with_it(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    patched(bad, 4, b"\1")
    real, _ = workshop.agree(program)
    assert real.success


def test_a_dangling_symlink_is_skipped(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    bad.unlink()
    bad.symlink_to("nowhere")
    real, _ = workshop.agree(program)
    assert real.success


def test_a_circle_of_symlinks_ends_one_search_path_and_the_next_goes_on(workshop: Workshop) -> None:
    bad, program = shadowed(workshop)
    bad.unlink()
    bad.symlink_to(bad.name)
    real, _ = workshop.agree(program)
    assert not real.success
    real, _ = workshop.agree(program, LD_LIBRARY_PATH=f"{workshop.root}/b")
    assert real.success


def test_a_file_where_a_folder_should_be_is_passed_over(workshop: Workshop) -> None:
    workshop.library("b/libleaf.so")
    workshop.path("file").touch()
    real, _ = workshop.agree(workshop.program("libleaf.so", rpath=f"{workshop.root}/file:{workshop.root}/b"))
    assert real.success


# ── what is already there ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_soname_that_is_mapped_needs_no_search(workshop: Workshop) -> None:
    workshop.library("a/libone.so", soname="libtwo.so")
    real, model = workshop.agree(workshop.program("libone.so", "libtwo.so", rpath=f"{workshop.root}/a"))
    assert real.success
    assert model.resolutions[1].attempts[0].how is How.LOADED


def test_without_a_soname_the_name_that_found_it_counts(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so", soname=None)
    workshop.library("a/libmid.so", "libleaf.so")
    real, model = workshop.agree(workshop.program("libleaf.so", "libmid.so", rpath=f"{workshop.root}/a"))
    assert real.success
    assert sum(step.needed == "libleaf.so" for step in model.resolutions) == 2


def test_one_file_behind_two_names_is_mapped_once(workshop: Workshop) -> None:
    leaf = workshop.library("a/libleaf.so", soname=None)
    os.link(leaf, workshop.path("a/libother.so"))
    workshop.path("a/libthird.so").symlink_to("libleaf.so")
    needs = ("libleaf.so", "libother.so", "libthird.so")
    _, model = workshop.agree(workshop.program(*needs, rpath=f"{workshop.root}/a"))
    assert sum(obj.path.startswith(f"{workshop.root}/a") for obj in model.objects) == 1


def test_the_sibling_that_is_loaded_first_decides(workshop: Workshop) -> None:
    a, b = two(workshop)
    workshop.library("c/libfirst.so", "libleaf.so", rpath=b)
    workshop.library("c/libsecond.so", "libleaf.so", rpath=a)
    _, model = workshop.agree(workshop.program("libfirst.so", "libsecond.so", rpath=f"{workshop.root}/c"))
    assert [step.found.path for step in model.resolutions if step.needed == "libleaf.so" and step.found] == [
        f"{b}/libleaf.so"
    ] * 2


def test_siblings_come_before_what_they_need(workshop: Workshop) -> None:
    workshop.library("a/libdeep.so")
    workshop.library("a/libfirst.so", "libdeep.so")
    workshop.library("a/libsecond.so")
    program = workshop.program("libfirst.so", "libsecond.so", rpath=f"{workshop.root}/a")
    _, model = workshop.agree(program)
    names = [os.path.basename(obj.path) for obj in model.objects]
    assert names.index("libsecond.so") < names.index("libdeep.so")


# ── names with a slash ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_needed_path_is_opened_as_it_is(workshop: Workshop) -> None:
    leaf = workshop.library("a/libleaf.so")
    real, model = workshop.agree(workshop.program(str(leaf)), LD_LIBRARY_PATH="/nowhere")
    assert real.success
    assert [attempt.how for attempt in model.resolutions[0].attempts] == [How.DIRECT]


def test_tokens_in_a_needed_path_are_replaced(workshop: Workshop) -> None:
    leaf = workshop.library("bin/libleaf.so")
    real, model = workshop.agree(workshop.program("$ORIGIN/libleaf.so"))
    assert real.success
    assert model.objects[1].path == str(leaf)


def test_a_library_found_by_path_without_a_soname_answers_to_no_name(workshop: Workshop) -> None:
    leaf = workshop.library("a/libleaf.so", soname=None)
    real, _ = workshop.agree(workshop.program(str(leaf), "libleaf.so"))
    assert not real.success


# ── LD_PRELOAD ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_preload_comes_right_after_the_program(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so")
    extra = workshop.library("b/libextra.so")
    program = workshop.program("libleaf.so", rpath=f"{workshop.root}/a")
    _, model = workshop.agree(program, LD_PRELOAD=str(extra))
    assert model.objects[1].path == str(extra)


def test_a_preload_answers_to_its_soname(workshop: Workshop) -> None:
    a, b = two(workshop)
    _, model = workshop.agree(workshop.program("libleaf.so", rpath=a), LD_PRELOAD=f"{b}/libleaf.so")
    assert [obj.path for obj in model.objects if "libleaf" in obj.path] == [f"{b}/libleaf.so"]


def test_a_preload_without_a_slash_is_searched_for(workshop: Workshop) -> None:
    workshop.library("a/libextra.so")
    real, model = workshop.agree(workshop.program(rpath=f"{workshop.root}/a"), LD_PRELOAD="libnone.so:libextra.so")
    assert real.success
    assert [step.needed for step in model.ignored] == ["libnone.so"]


def test_a_bad_preload_is_ignored(workshop: Workshop) -> None:
    bad = workshop.path("a/libbad.so")
    bad.write_text("no object at all, and long enough to be read as one: " * 3)
    real, model = workshop.agree(workshop.program(), LD_PRELOAD=str(bad))
    assert real.success
    assert "cannot be preloaded" in real.said
    assert len(model.ignored) == 1


def test_what_a_preload_needs_must_be_there(workshop: Workshop) -> None:
    extra = workshop.library("b/libextra.so", "libnowhere.so")
    real, _ = workshop.agree(workshop.program(), LD_PRELOAD=f" {extra}  ")
    assert not real.success


# ── cache, default folders, subfolders ───────────────────────────────────────────────────────────────────────────────


def test_the_c_library_comes_from_the_cache_or_the_default_folders(workshop: Workshop) -> None:
    _, model = workshop.agree(workshop.program("libm.so.6"))
    assert {step.attempts[-1].how for step in model.resolutions} <= {How.CACHE, How.SYSTEM, How.LOADED}


def test_nodefaultlib_passes_over_the_default_folders(workshop: Workshop) -> None:
    workshop.library("a/libmid.so", "libresolv.so.2", flags=["-Wl,-z,nodefaultlib"])
    program = workshop.program("libmid.so", rpath=f"{workshop.root}/a")
    assert workshop.run(program).returncode != 0
    assert [step.needed for step in start(workshop.process(program, {}), disk()).missing] == ["libresolv.so.2"]


def test_a_hwcaps_folder_comes_before_the_folder_that_holds_it(workshop: Workshop) -> None:
    best = workshop.loader.hwcaps[-1]
    workshop.library("a/libleaf.so")
    better = workshop.library(f"a/glibc-hwcaps/{best}/libleaf.so")
    _, model = workshop.agree(workshop.program("libleaf.so", rpath=f"{workshop.root}/a"))
    assert found(model, "libleaf.so") == str(better)


def test_the_best_hwcaps_folder_comes_first(workshop: Workshop) -> None:
    for level in workshop.loader.hwcaps:
        workshop.library(f"a/glibc-hwcaps/{level}/libleaf.so")
    _, model = workshop.agree(workshop.program("libleaf.so"), LD_LIBRARY_PATH=f"{workshop.root}/a")
    assert workshop.loader.hwcaps[0] in found(model, "libleaf.so")


def test_a_hwcaps_folder_for_no_such_cpu_is_not_looked_at(workshop: Workshop) -> None:
    workshop.library("a/glibc-hwcaps/x86-64-v9/libleaf.so")
    real, _ = workshop.agree(workshop.program("libleaf.so", rpath=f"{workshop.root}/a"))
    assert not real.success


def test_a_bad_object_in_a_hwcaps_folder_does_not_hide_the_good_one(workshop: Workshop) -> None:
    bad = workshop.library(f"a/glibc-hwcaps/{workshop.loader.hwcaps[0]}/libleaf.so")
    bad.write_bytes(small_object())
    workshop.library("a/libleaf.so")
    real, _ = workshop.agree(workshop.program("libleaf.so", rpath=f"{workshop.root}/a"))
    assert real.success


def test_before_glibc_2_37_tls_and_platform_folders_count(workshop: Workshop) -> None:
    """From 2.37 on the same folders are passed over: the model follows the loader that is there."""
    workshop.library("a/tls/libleaf.so")
    workshop.library(f"b/{workshop.loader.platform}/libother.so")
    program = workshop.program("libleaf.so", "libother.so", rpath=f"{workshop.root}/a:{workshop.root}/b")
    real, _ = workshop.agree(program)
    assert real.success == bool(workshop.loader.legacy)


# ── symbol versions ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_version_that_the_provider_defines_is_enough(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so", defines=["V_1", "V_2"])
    real, _ = workshop.agree(workshop.program(wants=("libleaf.so", "V_1"), rpath=f"{workshop.root}/a"))
    assert real.success


def test_a_version_that_the_provider_lacks_stops_the_start(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so", defines=["V_1"])
    real, model = workshop.agree(workshop.program(wants=("libleaf.so", "V_2"), rpath=f"{workshop.root}/a"))
    assert "version `V_2' not found" in real.said
    assert [(fault.soname, fault.version) for fault in model.faults] == [("libleaf.so", "V_2")]


def test_the_first_file_is_taken_though_the_second_has_the_version(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so", defines=["V_1"])
    workshop.library("b/libleaf.so", defines=["V_1", "V_2"])
    search = f"{workshop.root}/a:{workshop.root}/b"
    real, _ = workshop.agree(workshop.program(wants=("libleaf.so", "V_2"), rpath=search))
    assert not real.success


def test_a_provider_without_any_versions_only_brings_a_warning(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so")
    program = workshop.program("libmid.so", rpath=f"{workshop.root}/a")
    workshop.library("a/libmid.so", wants=("libleaf.so", "V_2"), weak=True)
    real, model = workshop.agree(program)
    assert real.success
    assert model.faults == ()


def test_a_weak_version_need_only_brings_a_warning(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so", defines=["V_1"])
    workshop.library("a/libmid.so", wants=("libleaf.so", "V_2"), weak=True)
    real, model = workshop.agree(workshop.program("libmid.so", rpath=f"{workshop.root}/a"))
    assert real.success == all(fault.weak for fault in model.faults)
    assert model.faults


def test_a_version_of_a_file_that_nothing_needs_aborts(workshop: Workshop) -> None:
    """What is left when a tool removes a needed name and forgets its versions."""
    extension = workshop.library("a/libmid.so", wants=("libleaf.so", "V_1"))
    without_needs(extension)
    program = workshop.program("libmid.so", rpath=f"{workshop.root}/a")
    real = workshop.run(program)
    assert "needed != NULL" in real.stderr
    model = start(workshop.process(program, {}), disk())
    assert [(fault.provider, fault.version) for fault in model.faults] == [("libleaf.so", "V_1")]
    assert not model.loads


def test_a_missing_file_is_not_asked_for_versions(workshop: Workshop) -> None:
    real, model = workshop.agree(workshop.program(wants=("libleaf.so", "V_1")))
    assert not real.success
    assert model.faults == ()


def test_every_missing_name_of_every_requester_is_listed(workshop: Workshop) -> None:
    workshop.library("a/libone.so", "libgone.so", "libaway.so")
    workshop.library("a/libtwo.so", "libgone.so")
    _, model = workshop.agree(workshop.program("libone.so", "libtwo.so", rpath=f"{workshop.root}/a"))
    assert [step.needed for step in model.missing] == ["libgone.so", "libaway.so", "libgone.so"]


# ── dlopen ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_opened_object_does_not_see_the_programs_runpath(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so")
    extension = workshop.library("x/ext.so", "libleaf.so")
    real, _ = workshop.agree_open(workshop.opener(runpath=f"{workshop.root}/a"), extension)
    assert not real.success


def test_an_opened_object_sees_the_programs_rpath(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so")
    extension = workshop.library("x/ext.so", "libleaf.so")
    real, _ = workshop.agree_open(workshop.opener(rpath=f"{workshop.root}/a"), extension)
    assert real.success


def test_an_opened_object_with_a_runpath_does_not(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so")
    extension = workshop.library("x/ext.so", "libleaf.so", runpath="/nowhere")
    real, _ = workshop.agree_open(workshop.opener(rpath=f"{workshop.root}/a"), extension)
    assert not real.success


def test_an_opened_objects_rpath_reaches_what_its_needs_need(workshop: Workshop) -> None:
    workshop.library("x.libs/libleaf.so")
    workshop.library("x.libs/libmid.so", "libleaf.so")
    extension = workshop.library("x/ext.so", "libmid.so", rpath="$ORIGIN/../x.libs")
    real, _ = workshop.agree_open(workshop.opener(), extension)
    assert real.success


def test_an_opened_object_finds_what_the_program_has_loaded(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so")
    extension = workshop.library("x/ext.so", "libleaf.so")
    real, _ = workshop.agree_open(workshop.opener("libleaf.so", runpath=f"{workshop.root}/a"), extension)
    assert real.success


def test_an_opened_object_finds_what_was_opened_before_it(workshop: Workshop) -> None:
    leaf = workshop.library("a/libleaf.so")
    extension = workshop.library("x/ext.so", "libleaf.so")
    real, _ = workshop.agree_open(workshop.opener(), leaf, extension)
    assert real.success
    nameless = workshop.library("b/libleaf.so", soname=None)
    real, _ = workshop.agree_open(workshop.opener(), nameless, extension)
    assert not real.success


def test_what_could_not_be_opened_before_leaves_nothing_behind(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so")
    broken = workshop.library("x/broken.so", "libleaf.so", "libnowhere.so", rpath=f"{workshop.root}/a")
    extension = workshop.library("x/ext.so", "libleaf.so")
    real, _ = workshop.agree_open(workshop.opener(), broken, extension)
    assert not real.success


def test_the_variable_reaches_what_an_opened_object_needs(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so")
    extension = workshop.library("x/ext.so", "libleaf.so", runpath="/nowhere")
    real, _ = workshop.agree_open(workshop.opener(), extension, LD_LIBRARY_PATH=f"{workshop.root}/a")
    assert real.success


def test_a_program_cannot_be_opened(workshop: Workshop) -> None:
    real, model = workshop.agree_open(workshop.opener(), workshop.program())
    assert model.failure is not None
    assert model.failure.reason in real.said


def test_a_text_cannot_be_opened(workshop: Workshop) -> None:
    text = workshop.path("x/ext.so")
    text.write_text("import sys\n" * 10)
    real, model = workshop.agree_open(workshop.opener(), text)
    assert model.failure is not None
    assert model.failure.reason in real.said


def test_an_object_of_the_other_class_cannot_be_opened(workshop: Workshop) -> None:
    extension = workshop.path("x/ext.so")
    extension.write_bytes(small_object())
    real, model = workshop.agree_open(workshop.opener(), extension)
    assert model.failure is not None
    assert model.failure.reason in real.said


def test_an_opened_object_whose_version_need_is_not_met_fails(workshop: Workshop) -> None:
    workshop.library("a/libleaf.so", defines=["V_1"])
    extension = workshop.library("x/ext.so", wants=("libleaf.so", "V_2"), rpath="$ORIGIN/../a")
    real, model = workshop.agree_open(workshop.opener(), extension)
    assert "version `V_2' not found" in real.said
    assert [fault.version for fault in model.faults] == ["V_2"]


def test_a_second_name_for_an_opened_file_opens_nothing_new(workshop: Workshop) -> None:
    extension = workshop.library("x/ext.so", soname=None)
    link = workshop.path("y/ext.so")
    link.symlink_to(extension)
    _, model = workshop.agree_open(workshop.opener(), extension, link)
    assert sum("ext.so" in obj.path for obj in model.objects) == 1

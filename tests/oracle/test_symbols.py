"""Each scenario is a sentence about symbols: who may supply one, and when it is looked for. glibc's loader judges."""

from __future__ import annotations

import subprocess

import pytest

from oracle.workshop import Workshop, retagged

DT_RELASZ, DT_RELACOUNT = 8, 0x6FFFFFF9

CALLS = "int leaf(void); int call(void) { return leaf(); }"
POINTS = "extern int leaf_data; int *pointer = &leaf_data;"
GIVES = "int leaf(void) { return 1; } int leaf_data = 1;"


def test_a_call_of_a_function_that_nobody_has_keeps_an_object_from_loading(workshop: Workshop) -> None:
    real, _ = workshop.agree_open(workshop.opener(), workshop.library("libuser.so", code=CALLS))
    assert not real.success


def test_data_that_nobody_has_does_as_well(workshop: Workshop) -> None:
    real, _ = workshop.agree_open(workshop.opener(), workshop.library("libuser.so", code=POINTS))
    assert not real.success


def test_a_weak_reference_may_lead_to_nothing(workshop: Workshop) -> None:
    weak = "__attribute__((weak)) int leaf(void); int call(void) { return leaf ? leaf() : 0; }"
    real, _ = workshop.agree_open(workshop.opener(), workshop.library("libuser.so", code=weak))
    assert real.success


def test_a_needed_library_supplies_it(workshop: Workshop) -> None:
    workshop.library("libleaf.so", code=GIVES)
    user = workshop.library("libuser.so", "libleaf.so", code=CALLS, runpath="$ORIGIN")
    real, _ = workshop.agree_open(workshop.opener(), user)
    assert real.success


def test_a_needed_library_of_the_same_name_without_it_does_not(workshop: Workshop) -> None:
    workshop.library("libleaf.so")
    user = workshop.library("libuser.so", "libleaf.so", code=CALLS, runpath="$ORIGIN")
    real, _ = workshop.agree_open(workshop.opener(), user)
    assert not real.success


def test_what_the_needed_library_needs_supplies_it_too(workshop: Workshop) -> None:
    workshop.library("libleaf.so", code=GIVES)
    workshop.library("libmid.so", "libleaf.so", runpath="$ORIGIN")
    user = workshop.library("libuser.so", "libmid.so", code=CALLS, runpath="$ORIGIN")
    real, _ = workshop.agree_open(workshop.opener(), user)
    assert real.success


def test_the_opened_object_supplies_its_own_libraries(workshop: Workshop) -> None:
    """A library that lacks something by itself is well served where whoever draws it in has it."""
    middle = workshop.library("libmid.so", code=CALLS)
    user = workshop.library("libuser.so", "libmid.so", code=GIVES, runpath="$ORIGIN")
    opener = workshop.opener()
    real, _ = workshop.agree_open(opener, user)
    assert real.success
    real, _ = workshop.agree_open(opener, middle)
    assert not real.success


def test_a_sibling_below_the_same_root_supplies_it(workshop: Workshop) -> None:
    workshop.library("libleaf.so", code=GIVES)
    workshop.library("libmid.so", code=CALLS)
    user = workshop.library("libuser.so", "libmid.so", "libleaf.so", runpath="$ORIGIN")
    real, _ = workshop.agree_open(workshop.opener(), user)
    assert real.success


def test_the_executable_supplies_what_it_exports(workshop: Workshop) -> None:
    user = workshop.library("libuser.so", code=CALLS)
    real, _ = workshop.agree_open(workshop.opener(code=GIVES), user)
    assert real.success


def test_a_preload_supplies_it(workshop: Workshop) -> None:
    leaf = workshop.library("libleaf.so", code=GIVES)
    user = workshop.library("libuser.so", code=CALLS)
    real, _ = workshop.agree_open(workshop.opener(), user, LD_PRELOAD=str(leaf))
    assert real.success


def test_an_object_opened_before_does_not(workshop: Workshop) -> None:
    leaf = workshop.library("libleaf.so", code=GIVES)
    user = workshop.library("libuser.so", code=CALLS)
    real, _ = workshop.agree_open(workshop.opener(), leaf, user)
    assert not real.success


def test_only_globally_opened_objects_would_and_that_is_no_promise_of_the_model(workshop: Workshop) -> None:
    """RTLD_GLOBAL mends it for real; each object is judged in the process as it was after the start."""
    leaf = workshop.library("libleaf.so", code=GIVES)
    user = workshop.library("libuser.so", code=CALLS)
    opener = workshop.opener(flag="RTLD_NOW | RTLD_GLOBAL")
    assert subprocess.run([opener, leaf, user], env={}, check=False, capture_output=True).returncode == 0
    real, _ = workshop.agree_open(opener, user)
    assert not real.success


def test_a_versioned_reference_is_served_by_whoever_has_the_version(workshop: Workshop) -> None:
    workshop.library("libleaf.so", defines=["ONE", "TWO"])
    user = workshop.library("libuser.so", "libleaf.so", wants=("libleaf.so", "ONE"), runpath="$ORIGIN")
    real, _ = workshop.agree_open(workshop.opener(), user)
    assert real.success


def test_a_reference_without_a_version_takes_the_default_one(workshop: Workshop) -> None:
    workshop.library("libleaf.so", defines=["ONE", "TWO"])
    user = workshop.library("libuser.so", "libleaf.so", code=CALLS, runpath="$ORIGIN")
    real, _ = workshop.agree_open(workshop.opener(), user)
    assert real.success


def test_a_provider_that_lost_its_versions_must_have_the_symbol(workshop: Workshop) -> None:
    """The loader takes a library without versions and then looks for the bare name."""
    workshop.library("libleaf.so", code=GIVES)
    user = workshop.library("libuser.so", "libleaf.so", wants=("libleaf.so", "ONE"), runpath="$ORIGIN")
    opener = workshop.opener()
    real, _ = workshop.agree_open(opener, user)
    assert real.success
    workshop.library("libleaf.so")
    real, _ = workshop.agree_open(opener, user)
    assert not real.success


def test_a_hidden_symbol_supplies_nothing(workshop: Workshop) -> None:
    hidden = '__attribute__((visibility("hidden"))) int leaf(void) { return 1; } int other(void) { return leaf(); }'
    workshop.library("libleaf.so", code=hidden)
    user = workshop.library("libuser.so", "libleaf.so", code=CALLS, runpath="$ORIGIN")
    real, _ = workshop.agree_open(workshop.opener(), user)
    assert not real.success


def test_a_weak_definition_supplies_it(workshop: Workshop) -> None:
    workshop.library("libleaf.so", code="__attribute__((weak)) int leaf(void) { return 1; }")
    user = workshop.library("libuser.so", "libleaf.so", code=CALLS, runpath="$ORIGIN")
    real, _ = workshop.agree_open(workshop.opener(), user)
    assert real.success


def test_a_thread_local_variable_is_a_symbol(workshop: Workshop) -> None:
    takes = "extern __thread int leaf_tls; int *call(void) { return &leaf_tls; }"
    workshop.library("libleaf.so", code="__thread int leaf_tls;")
    user = workshop.library("libuser.so", "libleaf.so", code=takes, runpath="$ORIGIN")
    alone = workshop.library("libalone.so", code=takes)
    opener = workshop.opener()
    assert workshop.agree_open(opener, user)[0].success
    assert not workshop.agree_open(opener, alone)[0].success


@pytest.mark.parametrize("style", ["gnu", "sysv", "both"])
def test_either_hash_table_will_do(workshop: Workshop, style: str) -> None:
    flags = [f"-Wl,--hash-style={style}"]
    workshop.library("libleaf.so", code=GIVES, flags=flags)
    user = workshop.library("libuser.so", "libleaf.so", code=CALLS, runpath="$ORIGIN", flags=flags)
    alone = workshop.library("libalone.so", code=POINTS, flags=flags)
    opener = workshop.opener()
    assert workshop.agree_open(opener, user)[0].success
    assert not workshop.agree_open(opener, alone)[0].success


def test_an_object_that_defines_nothing_is_read_as_well(workshop: Workshop) -> None:
    """Its GNU hash table is empty, and says nothing about where the undefined symbols end."""
    script = workshop.path("nothing.map")
    script.write_text("{ local: *; };\n")
    user = workshop.library("libuser.so", code=POINTS, flags=[f"-Wl,--version-script,{script}"])
    real, _ = workshop.agree_open(workshop.opener(), user)
    assert not real.success


def test_a_symbol_that_no_relocation_speaks_of_is_not_looked_for(workshop: Workshop) -> None:
    user = workshop.library("libuser.so", code=POINTS)
    for tag in (DT_RELASZ, DT_RELACOUNT):
        retagged(user, tag, tag, 0)
    real, _ = workshop.agree_open(workshop.opener(), user)
    assert real.success


def test_a_program_starts_without_a_function_that_is_called_later(workshop: Workshop) -> None:
    """A start binds calls when they are made, unless somebody asks for all at once."""
    user = workshop.library("libuser.so", code=CALLS, flags=["-Wl,-z,lazy"])
    program = workshop.program("libuser.so", runpath=str(workshop.root))
    assert workshop.agree(program)[0].success
    real = workshop.run(program, LD_BIND_NOW="1")
    assert "undefined symbol: leaf" in real.stderr
    assert workshop.unbound(program, LD_BIND_NOW="1") == ((str(user), "leaf"),)


def test_a_library_that_binds_at_once_keeps_it_from_starting(workshop: Workshop) -> None:
    user = workshop.library("libuser.so", code=CALLS, flags=["-Wl,-z,now"])
    program = workshop.program("libuser.so", runpath=str(workshop.root))
    real = workshop.run(program)
    assert "undefined symbol: leaf" in real.stderr
    assert workshop.unbound(program) == ((str(user), "leaf"),)


def test_data_is_needed_at_the_start_in_any_case(workshop: Workshop) -> None:
    preload = workshop.library("libpre.so", code=POINTS, flags=["-Wl,-z,lazy"])
    program = workshop.program()
    real = workshop.run(program, LD_PRELOAD=str(preload))
    assert "undefined symbol: leaf_data" in real.stderr
    assert workshop.unbound(program, LD_PRELOAD=str(preload)) == ((str(preload), "leaf_data"),)

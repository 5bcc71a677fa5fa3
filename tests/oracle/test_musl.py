"""Sentences about musl's loader, which judges them: outcome, and what its own `--list` finds."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from nixpydoctor.facts import FsPath, Loader, Process
from nixpydoctor.loader import Closures, start
from nixpydoctor.loader.trace import How, LinkMap
from oracle.real import disk
from oracle.workshop import Compiler, Workshop, small_object

DEFAULT_DIRS = "/lib:/usr/local/lib:/usr/lib"


@pytest.fixture(scope="session")
def musl_compiler(tmp_path_factory: pytest.TempPathFactory) -> Compiler:
    """The scenarios need musl-gcc."""
    gcc = shutil.which("musl-gcc")
    if gcc is None:
        pytest.skip("musl-gcc is not installed: musl's loader cannot be asked")
    return Compiler(gcc, tmp_path_factory.mktemp("compiled"))


@pytest.fixture
def musl(tmp_path: Path, musl_compiler: Compiler) -> Workshop:
    """A workshop under this machine's musl."""
    name = f"ld-musl-{os.uname().machine}"
    paths = Path("/etc", f"{name}.path")
    dirs = (paths.read_text() if paths.exists() else DEFAULT_DIRS).replace("\n", ":").split(":")
    path = FsPath(f"/lib/{name}.so.1")
    loader = Loader(path, FsPath(os.path.realpath(path)), "musl", system_dirs=tuple(FsPath(d) for d in dirs if d))
    return Workshop(tmp_path.resolve(), musl_compiler, loader)


def agree(workshop: Workshop, program: Path, **env: str) -> LinkMap:
    """Start for real and in the model: the same success, and the same file for every name."""
    real = subprocess.run([str(program)], capture_output=True, text=True, env=env, check=False, cwd=workshop.root)
    model = start(workshop.process(program, env), disk())
    assert model.loads == (real.returncode == 0), real.stderr
    if model.loads:
        assert _found(model) == _listed(workshop, program, env)
    for step in model.missing:
        assert step.needed in real.stderr
        assert f"(needed by {step.requester})" in real.stderr or step.invalid
    return model


def _listed(workshop: Workshop, program: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Names and real paths; musl writes its own reserved names once, as found at the loader's path."""
    command = [workshop.loader.path, "--list", str(program)]
    out = subprocess.run(command, capture_output=True, text=True, env=dict(env), check=True, cwd=workshop.root).stdout
    lines = [line.strip().rpartition(" (0x")[0] for line in out.splitlines()]
    pairs = [line.partition(" => ") for line in lines if " => " in line]
    return {name: os.path.realpath(path) for name, _, path in pairs if path != workshop.loader.path}


def _found(model: LinkMap) -> dict[str, str]:
    found: dict[str, str] = {}
    for step in model.resolutions:
        if step.found is not None and step.attempts[-1].how is not How.LOADED:
            path = os.path.realpath(step.found.path)
            if path not in found.values():
                found[step.needed] = path
    return found


def opened(workshop: Workshop, program: Path, extension: Path, **env: str) -> LinkMap:
    """The same for an object that the program opens."""
    process = Process(FsPath(str(program)), workshop.loader.path, workshop.loader, env)
    closures = Closures(process, disk())
    fate, model = closures.fate(FsPath(str(extension))), closures.trace(FsPath(str(extension)))
    real = subprocess.run([str(program), str(extension)], capture_output=True, text=True, env=env, check=False)
    assert fate.loads == model.loads == (real.returncode == 0), real.stdout + real.stderr
    return model


def chain(workshop: Workshop, **middle: str) -> None:
    workshop.library("a/libleaf.so")
    workshop.library("c/libmid.so", "libleaf.so", **middle)  # type: ignore[arg-type]


def test_runpath_reaches_what_a_library_needs(musl: Workshop) -> None:
    chain(musl)
    assert agree(musl, musl.program("libmid.so", runpath=f"{musl.root}/c:{musl.root}/a")).loads


def test_a_runpath_in_between_switches_nothing_off(musl: Workshop) -> None:
    chain(musl, runpath="/nowhere")
    assert agree(musl, musl.program("libmid.so", rpath=f"{musl.root}/c:{musl.root}/a")).loads


def test_the_variable_beats_rpath(musl: Workshop) -> None:
    musl.library("a/libleaf.so")
    musl.library("b/libleaf.so")
    model = agree(musl, musl.program("libleaf.so", rpath=f"{musl.root}/a"), LD_LIBRARY_PATH=f"{musl.root}/b")
    assert model.objects[1].path == f"{musl.root}/b/libleaf.so"


def test_an_empty_element_means_nothing(musl: Workshop) -> None:
    musl.library("libleaf.so")
    model = agree(musl, musl.program("libleaf.so"), LD_LIBRARY_PATH=":/nowhere::")
    assert "." not in [attempt.path for attempt in model.missing[0].attempts]


def test_a_semicolon_does_not_separate(musl: Workshop) -> None:
    musl.library("a/libleaf.so")
    assert not agree(musl, musl.program("libleaf.so"), LD_LIBRARY_PATH=f"/nowhere;{musl.root}/a").loads


def test_a_soname_that_is_mapped_does_not_answer_to_it(musl: Workshop) -> None:
    musl.library("a/libone.so", soname="libtwo.so")
    assert not agree(musl, musl.program("libone.so", "libtwo.so", rpath=f"{musl.root}/a")).loads


def test_one_file_behind_two_names_is_mapped_once(musl: Workshop) -> None:
    musl.library("a/libleaf.so")
    musl.path("a/libother.so").symlink_to("libleaf.so")
    model = agree(musl, musl.program("libleaf.so", "libother.so", rpath=f"{musl.root}/a"))
    assert sum("/a/" in obj.path for obj in model.objects) == 1


def test_names_of_the_c_library_mean_the_loader(musl: Workshop) -> None:
    model = agree(musl, musl.program("libm.so.6", "libpthread.so.0", "libc.so.6"))
    assert {step.attempts[-1].how for step in model.resolutions} == {How.LOADED}


def test_the_first_file_that_opens_is_final(musl: Workshop) -> None:
    musl.path("a/libleaf.so").write_text("a text that is long enough to be taken for a header of some object\n" * 2)
    musl.library("b/libleaf.so")
    model = agree(musl, musl.program("libleaf.so", rpath=f"{musl.root}/a:{musl.root}/b"))
    assert model.missing[0].invalid is not None
    assert model.missing[0].invalid.reason == "Exec format error"


def test_the_other_class_is_not_skipped(musl: Workshop) -> None:
    musl.path("a/libleaf.so").write_bytes(small_object())
    musl.library("b/libleaf.so")
    assert not agree(musl, musl.program("libleaf.so", rpath=f"{musl.root}/a:{musl.root}/b")).loads


def test_a_dangling_symlink_is_skipped(musl: Workshop) -> None:
    musl.path("a/libleaf.so").symlink_to("nowhere")
    musl.library("b/libleaf.so")
    assert agree(musl, musl.program("libleaf.so", rpath=f"{musl.root}/a:{musl.root}/b")).loads


def test_a_circle_of_symlinks_ends_the_whole_search(musl: Workshop) -> None:
    musl.path("a/libleaf.so").symlink_to("libleaf.so")
    musl.library("b/libleaf.so")
    program = musl.program("libleaf.so", rpath=f"{musl.root}/a:{musl.root}/b")
    assert not agree(musl, program).loads
    assert not agree(musl, musl.program("libleaf.so", rpath=f"{musl.root}/b"), LD_LIBRARY_PATH=f"{musl.root}/a").loads


def test_origin_is_replaced(musl: Workshop) -> None:
    musl.library("c/libleaf.so")
    assert agree(musl, musl.program("libleaf.so", rpath="${ORIGIN}/../c")).loads


def test_another_token_voids_the_whole_rpath(musl: Workshop) -> None:
    musl.library("c/libleaf.so")
    assert not agree(musl, musl.program("libleaf.so", rpath=f"{musl.root}/c:$LIB")).loads


def test_a_hwcaps_folder_is_a_folder_like_any_other(musl: Workshop) -> None:
    musl.library("a/glibc-hwcaps/x86-64-v2/libleaf.so")
    assert not agree(musl, musl.program("libleaf.so", rpath=f"{musl.root}/a")).loads


def test_a_version_that_the_provider_lacks_does_not_matter(musl: Workshop) -> None:
    musl.library("a/libleaf.so", defines=["V_1"])
    musl.library("a/libmid.so", wants=("libleaf.so", "V_2"), weak=True)
    model = agree(musl, musl.program("libmid.so", rpath=f"{musl.root}/a"))
    assert model.faults == ()


def test_a_missing_preload_is_passed_over(musl: Workshop) -> None:
    extra = musl.library("b/libextra.so")
    model = agree(musl, musl.program(), LD_PRELOAD=f"/nowhere/libnone.so {extra}")
    assert model.objects[1].path == str(extra)
    assert len(model.ignored) == 1


def test_an_opened_object_sees_what_the_program_hands_down(musl: Workshop) -> None:
    musl.library("a/libleaf.so")
    extension = musl.library("x/ext.so", "libleaf.so")
    assert opened(musl, musl.opener(runpath=f"{musl.root}/a"), extension).loads
    assert not opened(musl, musl.opener(), extension).loads

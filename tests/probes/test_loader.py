"""Loaders: what one says of itself equals what is read out of it, and no stranger is ever asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FHS_INTERPS, FsPath, Loader, Unread
from nixpydoctor.probes import loader_says
from nixpydoctor.probes.child import Outcome
from nixpydoctor.probes.cpu import Cpu, hwcaps, legacy_bits, platform
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.probes.loader import NIX_LD_LIBRARIES, NIX_LD_LOADER, LoaderProbe
from nixpydoctor.probes.loader_says import Configuration, trusted, understand

HEADER = b"\x7fELF\x02\x01\x01" + bytes(11) + (62).to_bytes(2, "little") + bytes(44)


def own_interp() -> str:
    """The interp of the Python that runs the tests."""
    found = Disk(DiskReader()).objects(FsPath(os.path.realpath(sys.executable)))
    assert isinstance(found, tuple)
    return str(found[0].interp)


def real_loaders() -> list[str]:
    """Every glibc loader at hand: this Python's, the standard ones, the store's."""
    store = sorted(str(path) for path in Path("/nix/store").glob("*-glibc-*/lib/ld-linux*.so.*"))
    found = dict.fromkeys([own_interp(), *FHS_INTERPS.values(), *store])
    return [path for path in found if os.path.exists(path)]


def probed(path: object, environ: Mapping[str, str] | None = None) -> tuple[Loader | None, list[Unread]]:
    notes: list[Unread] = []
    return LoaderProbe(FsPath(str(path)), environ or {}, may_run=True, note=notes.append).collect(), notes


def a_loader(path: Path, *texts: str, version: str = "2.40") -> Path:
    """A file that has the marks of a glibc loader, and is never run: it lies where anybody may write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    words = [*texts, f"ld.so (GNU libc) stable release version {version}.\n", "glibc-ld.so.cache1.1"]
    path.write_bytes(HEADER + b"".join(b"\0" + text.encode() + b"\0" for text in words))
    return path


@pytest.mark.parametrize("path", real_loaders())
def test_what_a_loader_says_equals_what_is_read_out_of_it(path: str) -> None:
    asked, read = (LoaderProbe(FsPath(path), {}, may_run=may, note=print).collect() for may in (True, False))
    assert asked is not None
    assert read is not None
    assert read.basis == "read"
    assert replace(asked, basis="read") == read


def test_this_machines_loader_is_asked_and_its_folders_exist() -> None:
    loader, notes = probed(own_interp())
    assert loader is not None
    assert loader.basis == "asked"
    assert any(os.path.isdir(folder) for folder in loader.system_dirs)
    assert loader.version is not None
    assert notes == []


def test_a_loader_that_somebody_could_have_replaced_is_read_and_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Sequence[str]] = []

    class Recorder:
        def __init__(self, command: Sequence[str], environ: Mapping[str, str], timeout: float) -> None:
            started.append(command)

        def finish(self) -> Outcome:
            return Outcome(1)

    monkeypatch.setattr(loader_says, "Child", Recorder)
    loader, _ = probed(a_loader(tmp_path / "ld-linux-x86-64.so.2", "/opt/lib/\0/lib/"))
    assert started == []
    assert loader is not None
    assert (loader.basis, loader.system_dirs) == ("read", ("/opt/lib", "/lib"))


def test_the_users_variables_never_reach_the_loader_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Mapping[str, str]] = []

    class Recorder:
        def __init__(self, command: Sequence[str], environ: Mapping[str, str], timeout: float) -> None:
            given.append(environ)

        def finish(self) -> Outcome:
            return Outcome(0, b'path.system_dirs[0x0]="/lib/"\n')

    monkeypatch.setattr(loader_says, "Child", Recorder)
    probed(own_interp(), {"LD_LIBRARY_PATH": "/evil", "LD_PRELOAD": "/evil.so"})
    assert given == [{"LC_ALL": "C"}]


def test_only_what_root_alone_can_write_is_trusted(tmp_path: Path) -> None:
    assert trusted(os.path.realpath(own_interp()))
    loose = tmp_path / "ld.so"
    loose.touch()
    assert not trusted(str(loose))
    assert not trusted("/usr/lib/no-such-loader.so")
    assert not trusted("/usr/bin/env")


def test_diagnostics_are_understood_whatever_the_order_and_the_escapes() -> None:
    text = """
dl_hwcaps_subdirs="x86-64-v4:x86-64-v3:x86-64-v2"
dl_hwcaps_subdirs_active=0x6
dl_platform="haswell"
dl_dst_lib="lib64"
dl_hwcap=0x6
dl_hwcap_important=0x2
path.system_dirs[0x1]="/usr/lib/"
path.system_dirs[0x0]="/odd\\303\\244\\"dir/"
path.system_dirs[0xa]="/last/"
version.version="2.40"
nonsense
"""
    expected = Configuration(
        version="2.40",
        system_dirs=(FsPath('/odd\udcc3\udca4"dir'), FsPath("/usr/lib"), FsPath("/last")),
        hwcaps=("x86-64-v3", "x86-64-v2"),
        platform="haswell",
        lib="lib64",
        legacy_bits=2,
    )
    assert understand(text) == expected


def test_output_without_search_path_is_no_answer() -> None:
    assert understand("Usage: ld.so [OPTION]...\n") is None


# ── the files that a loader reads ────────────────────────────────────────────────────────────────────────────────────


def test_the_cache_and_the_preload_file_are_those_that_the_loader_itself_names(tmp_path: Path) -> None:
    (tmp_path / "ld-nix.so.preload").write_text("/a.so  /b.so:c.so # comment /d.so\n")
    loader, notes = probed(a_loader(tmp_path / "ld.so", f"{tmp_path}/ld.so.cache", f"{tmp_path}/ld-nix.so.preload"))
    assert loader is not None
    assert (loader.cache_path, loader.cache) == (f"{tmp_path}/ld.so.cache", ())
    assert loader.preload == ("/a.so", "/b.so", "c.so")
    assert notes == []


@pytest.mark.parametrize(
    "content", [b"", b"rubbish", b"glibc-ld.so.cache1.1" + b"\xff" * 100, b"ld.so-1.7.0\0" + b"\xff" * 9]
)
def test_a_corrupt_cache_is_unread_and_empty(tmp_path: Path, content: bytes) -> None:
    cache = tmp_path / "ld.so.cache"
    cache.write_bytes(content)
    loader, notes = probed(a_loader(tmp_path / "ld.so", str(cache)))
    assert loader is not None
    assert loader.cache == ()
    assert [(note.path, note.fatal) for note in notes] == [(str(cache), False)]


def test_a_fifo_in_the_place_of_the_cache_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ld.so.cache")
    loader, _ = probed(a_loader(tmp_path / "ld.so", f"{tmp_path}/ld.so.cache"))
    assert loader is not None
    assert loader.cache == ()


def test_glibc_hwcaps_and_legacy_folders_belong_to_the_versions_that_search_them(tmp_path: Path) -> None:
    old, middle, new = (
        probed(a_loader(tmp_path / version, "/lib/", version=version))[0] for version in ("2.31", "2.36", "2.40")
    )
    assert old is not None
    assert middle is not None
    assert new is not None
    assert old.hwcaps == ()
    assert old.legacy == middle.legacy != ()
    assert new.legacy == ()


# ── what it is ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_where_nothing_is_there_is_no_loader(tmp_path: Path) -> None:
    assert probed(tmp_path / "none") == (None, [])
    assert probed(tmp_path) == (None, [])


def test_a_text_at_the_interp_is_no_loader_and_is_noted(tmp_path: Path) -> None:
    (tmp_path / "ld.so").write_text("rubbish")
    loader, notes = probed(tmp_path / "ld.so")
    assert loader is None
    assert [note.path for note in notes] == [f"{tmp_path}/ld.so"]


def test_a_link_that_goes_in_a_circle_is_no_loader(tmp_path: Path) -> None:
    (tmp_path / "ld.so").symlink_to("ld.so")
    assert probed(tmp_path / "ld.so")[0] is None


def test_stub_ld_shows_in_its_text_wherever_it_lies(tmp_path: Path) -> None:
    path = a_loader(tmp_path / "ld-linux-x86-64.so.2", "Could not start dynamically linked executable: %s")
    loader, _ = probed(path)
    assert loader is not None
    assert loader.family == "stub"


def test_musl_takes_its_folders_from_the_path_file_of_its_own_prefix(tmp_path: Path) -> None:
    path = a_loader(tmp_path / "lib" / "ld-musl-x86_64.so.1", "musl libc (x86_64)", "1.2.5")
    loader, _ = probed(path)
    assert loader is not None
    assert (loader.family, loader.version) == ("musl", "1.2.5")
    assert loader.system_dirs == ("/lib", "/usr/local/lib", "/usr/lib")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "ld-musl-x86_64.path").write_text("/a/\n/b:/c\n")
    assert LoaderProbe(FsPath(str(path)), {}, may_run=True, note=print).collect() == replace(
        loader, system_dirs=(FsPath("/a"), FsPath("/b"), FsPath("/c"))
    )


def a_nix_ld(folder: Path) -> Path:
    path = folder / "nix-ld"
    path.write_bytes(HEADER + b"\0NIX_LD\0NIX_LD_LIBRARY_PATH\0")
    (folder / "ld-linux.so").symlink_to(path)
    return folder / "ld-linux.so"


def test_nix_ld_starts_the_loader_of_its_variable_with_the_libraries_of_the_other(tmp_path: Path) -> None:
    shim = a_nix_ld(tmp_path)
    real = a_loader(tmp_path / "glibc" / "ld.so", "/nix/lib/")
    loader, notes = probed(shim, {"NIX_LD": f"{real}\n", "NIX_LD_LIBRARY_PATH": "/a:/b"})
    assert loader is not None
    assert (loader.path, loader.real, loader.shim) == (str(shim), str(real), "nix-ld")
    assert (loader.library_path, loader.system_dirs) == ("/a:/b", ("/nix/lib",))
    assert notes == []


def test_nix_lds_variables_for_this_system_win_and_empty_ones_do_not_count(tmp_path: Path) -> None:
    system = f"{os.uname().machine}_linux"
    real = a_loader(tmp_path / "right", "/nix/lib/")
    environ = {f"NIX_LD_{system}": str(real), "NIX_LD": "/wrong", f"NIX_LD_LIBRARY_PATH_{system}": ""}
    loader, _ = probed(a_nix_ld(tmp_path), environ)
    assert loader is not None
    assert (loader.real, loader.library_path) == (str(real), NIX_LD_LIBRARIES)


def test_a_nix_ld_without_the_loader_that_it_should_start_is_noted(tmp_path: Path) -> None:
    loader, notes = probed(a_nix_ld(tmp_path), {"NIX_LD": f"{tmp_path}/collected"})
    assert loader is not None
    assert loader.system_dirs == ()
    assert [(note.path, note.fatal) for note in notes] == [(f"{tmp_path}/collected", True)]


@pytest.mark.skipif(os.path.exists(NIX_LD_LOADER), reason="this machine has nix-ld's default loader")
def test_without_variables_nix_ld_goes_to_its_default(tmp_path: Path) -> None:
    loader, _ = probed(a_nix_ld(tmp_path))
    assert loader is not None
    assert (loader.real, loader.library_path) == (NIX_LD_LOADER, NIX_LD_LIBRARIES)


# ── the CPU ──────────────────────────────────────────────────────────────────────────────────────────────────────────

V2 = "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
V3 = f"{V2} abm avx avx2 bmi1 bmi2 f16c fma movbe xsave"
V4 = f"{V3} avx512bw avx512cd avx512dq avx512f avx512vl"


@pytest.mark.parametrize(
    ("flags", "levels"),
    [
        ("", ()),
        (V2, ("x86-64-v2",)),
        (V3, ("x86-64-v3", "x86-64-v2")),
        (V4, ("x86-64-v4", "x86-64-v3", "x86-64-v2")),
        (V4.replace("cx16", ""), ()),
    ],
)
def test_a_level_counts_with_every_level_below_it(flags: str, levels: tuple[str, ...]) -> None:
    assert hwcaps(Cpu("AuthenticAMD", frozenset(flags.split())), 62) == levels


def test_only_intels_cpus_have_a_platform_of_their_own() -> None:
    flags = frozenset(V4.split())
    assert platform(Cpu("GenuineIntel", flags), 62) == "haswell"
    assert platform(Cpu("AuthenticAMD", flags), 62) == os.uname().machine
    assert (legacy_bits(Cpu("GenuineIntel", flags), 62), legacy_bits(Cpu("AuthenticAMD", flags), 62)) == (6, 2)


def test_other_machines_have_no_levels() -> None:
    assert hwcaps(Cpu("", frozenset(V4.split())), 183) == ()

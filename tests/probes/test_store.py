"""The store by name: packages, versions and outputs told apart, and nothing asked of Nix where nothing may run."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from nixpydoctor.facts import FsPath
from nixpydoctor.probes import store
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.probes.store import StoreReader, nix_store, package

HASH = "a" * 32


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("gcc-13.2.0-lib", "gcc"),
        ("gcc-lib", "gcc"),
        ("zlib-1.3.1", "zlib"),
        ("zlib", "zlib"),
        ("libX11-1.8.7", "libx11"),
        ("gtk+3-3.24.41", "gtk+3"),
        ("xcb-util-cursor-0.1.5", "xcb-util-cursor"),
        ("glib-2.80.0-dev", None),
        ("zlib-1.3.1.drv", None),
    ],
)
def test_a_package_is_told_from_its_version_and_output(entry: str, name: str | None) -> None:
    assert package(f"{HASH}-{entry}") == name


def test_what_is_no_store_path_has_no_package() -> None:
    assert [package(name) for name in (".links", "short", "x" * 40)] == [None, None, None]


@pytest.fixture
def a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the store."""
    monkeypatch.setattr(store, "STORE", f"{tmp_path}/")
    for letter, name in (("b", "zlib-1.3"), ("a", "zlib-1.2"), ("c", "zlib-1.2-dev"), ("d", "expat-2.6")):
        (tmp_path / f"{letter * 32}-{name}").mkdir()
    return tmp_path


def test_names_are_found_in_one_order(a_store: Path) -> None:
    asked = StoreReader().stored("Zlib")
    assert asked == (f"{a_store}/{'a' * 32}-zlib-1.2", f"{a_store}/{'b' * 32}-zlib-1.3")
    assert StoreReader().stored("nothing") == ()


def test_without_a_store_nothing_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "STORE", f"{tmp_path}/gone/")
    assert StoreReader().stored("zlib") == ()


def a_nix(folder: Path, script: str) -> dict[str, str]:
    """An environment whose nix-store is this script."""
    program = folder / "nix-store"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}:{os.defpath}"}


def test_requisites_are_what_nix_says(a_store: Path, tmp_path: Path) -> None:
    environ = a_nix(tmp_path, f'echo "{a_store}/$1$2"; echo noise; echo "$3"')
    asked = StoreReader(environ, may_run=True).requisites(FsPath(f"{a_store}/x"))
    assert asked == (f"{a_store}/--query--requisites", f"{a_store}/x")


@pytest.mark.parametrize("script", ["exit 1", "kill -9 $$"])
def test_a_nix_that_does_not_know_is_no_answer(a_store: Path, tmp_path: Path, script: str) -> None:
    environ = a_nix(tmp_path, f"echo {a_store}/x; {script}")
    assert StoreReader(environ, may_run=True).requisites(FsPath(f"{a_store}/x")) == ()


def test_a_nix_that_hangs_is_left(a_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TIMEOUT", 0.2)
    environ = a_nix(tmp_path, "exec sleep 60")
    assert StoreReader(environ, may_run=True).requisites(FsPath(f"{a_store}/x")) == ()


def test_where_nothing_may_run_nobody_is_asked(a_store: Path, tmp_path: Path) -> None:
    environ = a_nix(tmp_path, f"echo {a_store}/x; touch {tmp_path}/asked")
    assert StoreReader(environ, may_run=False).requisites(FsPath(f"{a_store}/x")) == ()
    assert not (tmp_path / "asked").exists()


def test_a_relative_element_of_path_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_nix(tmp_path, "exit 0")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(store, "_PLACES", ())
    assert nix_store({"PATH": "."}) is None


def test_the_disk_asks_the_store_only_when_it_is_asked(a_store: Path) -> None:
    made: list[StoreReader] = []

    def make() -> StoreReader:
        made.append(StoreReader())
        return made[-1]

    reader = DiskReader(store=make)
    assert made == []
    assert len(reader.stored("zlib")) == 2
    assert reader.stored("expat") == (f"{a_store}/{'d' * 32}-expat-2.6",)
    assert len(made) == 1

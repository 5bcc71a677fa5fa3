"""A disk remembers its reader's answers; an overlay is the same disk after some changes."""

from __future__ import annotations

import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from build import an_object
from nixpydoctor.disk import Disk
from nixpydoctor.edges import Source
from nixpydoctor.facts import FsPath
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.recording import NotRecorded, Recording

LIB = an_object("/v/site/numpy.libs/libx.so", soname="libx.so")
EDITED = replace(LIB, runpath="/new")


def seen_as(path: str) -> FsPath:
    """A path, typed."""
    return FsPath(path)


def test_a_replaced_file_is_new_under_every_way_to_it() -> None:
    """Through `..`, through a linked folder, through a symbolic link of another name."""
    ways = ["/v/site/numpy/../numpy.libs/libx.so", "/v/lib64/numpy.libs/libx.so", "/v/site/numpy.libs/libx.so.1"]
    disk = Disk.closed(
        [LIB, *(replace(LIB, path=seen_as(way)) for way in ways)], links={seen_as(ways[2]): seen_as("libx.so")}
    )
    assert disk.objects(LIB.path) == (LIB,)
    after = disk.overlay({LIB.path: (EDITED,)})
    for way in (LIB.path, *ways):
        found = after.objects(seen_as(way))
        assert isinstance(found, tuple)
        assert (found[0].path, found[0].runpath) == (way, "/new")
    assert disk.objects(seen_as(ways[0])) == (replace(LIB, path=seen_as(ways[0])),)


def test_a_hard_link_of_another_name_keeps_the_old_file() -> None:
    other = replace(LIB, path=FsPath("/cache/0123abcd"))
    disk = Disk.closed([LIB, other])
    disk.objects(LIB.path)
    assert disk.overlay({LIB.path: (EDITED,)}).objects(other.path) == (other,)


def test_a_written_text_is_there_and_in_its_folder() -> None:
    disk = Disk.closed([LIB], texts={FsPath("/v/old"): "old"})
    after = disk.overlay({}, {FsPath("/v/new"): "new"})
    assert after.text(FsPath("/v/new")) == "new"
    assert after.text(FsPath("/v/old")) == "old"
    assert after.has(FsPath("/v/new"))
    assert not disk.has(FsPath("/v/new"))


def test_what_the_store_said_is_recorded_and_replayed() -> None:
    zlib = (FsPath("/nix/store/x-zlib"),)
    disk = Disk.closed(stored={"zlib": zlib}, requisites={zlib[0]: zlib})
    again = Disk.replayed(disk.overlay({}).recorded())
    assert (again.stored("zlib"), again.requisites(zlib[0])) == (zlib, zlib)
    assert Disk.closed().stored("zlib") == ()


def test_what_nixpkgs_has_is_recorded_and_what_was_never_asked_is_unknown() -> None:
    disk = Disk.closed(attributes={"numpy": True, "gone": False})
    again = Disk.replayed(disk.overlay({}).recorded())
    assert [again.attribute(name) for name in ("numpy", "gone", "other")] == [True, False, None]
    assert disk.attribute("other") is None


def test_a_store_that_was_never_asked_is_not_recorded() -> None:
    disk = Disk.replayed(Recording())
    with pytest.raises(NotRecorded):
        disk.stored("zlib")
    with pytest.raises(NotRecorded):
        disk.requisites(FsPath("/nix/store/x-zlib"))


def test_the_same_changes_of_the_same_disk_make_the_same_disk() -> None:
    disk = Disk.closed([LIB])
    edited, twin = disk.overlay({LIB.path: (EDITED,)}), disk.overlay({LIB.path: (EDITED,)})
    assert edited == twin
    assert hash(edited) == hash(twin)
    assert edited not in (disk, disk.overlay({}, {FsPath("/v/new"): "new"}), Disk.closed([LIB]))
    assert disk.overlay({}) == disk


def test_what_was_taken_away_is_nowhere() -> None:
    """A file, and a folder with everything in it; the rest stays, and so does the disk before."""
    source = Source()
    paths = [FsPath(f"/p/{name}") for name in ("one.py", "two.py", "pack/__init__.py", "pack/deep/x.py")]
    disk = Disk.closed(sources=dict.fromkeys(paths, source), texts={FsPath("/p/pack/notes.pth"): "x"})
    after = disk.overlay({}, gone=[FsPath("/p/one.py"), FsPath("/p/pack")])
    assert after.names(FsPath("/p")) == frozenset({"two.py"})
    assert [after.kind(path) for path in paths] == [None, "file", None, None]
    assert [after.imports(path) for path in paths] == [None, source, None, None]
    assert after.text(FsPath("/p/pack/notes.pth")) is None
    assert after.names(FsPath("/p/pack/deep")) is None
    assert disk.names(FsPath("/p")) == frozenset({"one.py", "two.py", "pack"})
    assert after != disk
    assert after.overlay({}).gone == after.gone


def test_what_stands_at_a_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    disk = Disk(DiskReader())
    names = ("file", "gone", "link", "pipe", "none", ".")
    assert [disk.kind(FsPath(f"{tmp_path}/{name}")) for name in names] == [
        "file",
        None,
        "file",
        "other",
        None,
        "folder",
    ]


def test_the_names_in_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("x/y.py", "")
    (tmp_path / "b.zip").write_text("PK no archive")
    disk = Disk(DiskReader())
    assert disk.archive(FsPath(f"{tmp_path}/a.zip")) == frozenset({"x/y.py"})
    assert disk.archive(FsPath(f"{tmp_path}/b.zip")) is None
    assert disk.archive(FsPath(f"{tmp_path}/none.zip")) is None

"""A disk remembers its reader's answers; an overlay is the same disk after some changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from build import an_object
from nixpydoctor.disk import Disk, NotRecorded, Recording
from nixpydoctor.facts import FsPath

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

"""The reader of the real machine: every kind of file there is, hostile names, and a root that links cannot leave."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from elf_bytes import Image
from nixpydoctor.facts import Elf, FsPath, Unread
from nixpydoctor.files import Files
from nixpydoctor.probes.disk import MAX_TEXT, DiskReader

AN_OBJECT = Image(soname=b"libx.so").build()


def at(path: Path | str) -> FsPath:
    return FsPath(str(path))


def test_an_object_carries_its_path_and_identity(tmp_path: Path) -> None:
    path = tmp_path / "libx.so"
    path.write_bytes(AN_OBJECT)
    found = DiskReader().objects(at(path))
    assert isinstance(found, tuple)
    status = path.stat()
    assert (found[0].path, found[0].identity) == (str(path), (status.st_dev, status.st_ino))


def test_a_symlink_is_followed_and_the_path_kept(tmp_path: Path) -> None:
    (tmp_path / "real.so").write_bytes(AN_OBJECT)
    (tmp_path / "link.so").symlink_to("real.so")
    found = DiskReader().objects(at(tmp_path / "link.so"))
    assert isinstance(found, tuple)
    assert found[0].path == str(tmp_path / "link.so")
    assert DiskReader().link(at(tmp_path / "link.so")) == "real.so"
    assert DiskReader().link(at(tmp_path / "real.so")) is None


@pytest.mark.parametrize("name", ["gone.so", "file/gone.so", "dangling.so", "nul\0.so"])
def test_what_is_not_there_is_none(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling.so").symlink_to("nowhere")
    reader = DiskReader()
    assert reader.objects(at(f"{tmp_path}/{name}")) is None
    assert reader.text(at(f"{tmp_path}/{name}")) is None
    assert reader.unread == []


def test_a_folder_stops_a_loader(tmp_path: Path) -> None:
    assert DiskReader().objects(at(tmp_path)) == Unread(at(tmp_path), "cannot read file data: Is a directory", True)


def test_a_circle_of_links_is_unread_and_no_loader_stops(tmp_path: Path) -> None:
    path = tmp_path / "a.so"
    path.symlink_to("a.so")
    reader = DiskReader()
    unread = Unread(at(path), "Too many levels of symbolic links", False)
    assert reader.objects(at(path)) == unread
    assert reader.names(at(path)) is None
    assert reader.unread == [unread]


def test_nobody_waits_for_a_fifo_or_talks_to_a_socket(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.so")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket.so"))
        for name in ("fifo.so", "socket.so"):
            assert isinstance(DiskReader().objects(at(tmp_path / name)), Unread)
            assert isinstance(DiskReader().text(at(tmp_path / name)), Unread)


def test_a_device_is_not_opened() -> None:
    assert DiskReader().objects(at("/dev/null")) == Unread(at("/dev/null"), "not a regular file", True)


def test_a_file_that_may_not_be_read_is_unread_and_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.so"
    path.write_bytes(AN_OBJECT)
    path.chmod(0)
    me = os.geteuid()
    if me == 0:  # who may read everything: be somebody else meanwhile
        os.seteuid(65534)
    try:
        found = DiskReader().objects(at(path))
    finally:
        os.seteuid(me)
    assert found == Unread(at(path), "Permission denied", False)


def test_a_file_that_is_no_object_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.so"
    path.write_text("a text\n" * 20)
    reader = DiskReader()
    assert reader.objects(at(path)) == Unread(at(path), "invalid ELF header", True)
    assert [unread.path for unread in reader.unread] == [str(path)]


def test_a_huge_sparse_file_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.so"
    with open(path, "wb") as file:
        file.write(AN_OBJECT)
        file.truncate(1 << 40)
    assert isinstance(DiskReader().objects(at(path)), tuple)
    assert DiskReader().text(at(path)) == Unread(at(path), "a text of more than 1 MiB", False)
    assert MAX_TEXT == 1 << 20


@pytest.mark.parametrize("name", [b"new\nline.so", b"\x1b[31mred.so", b"[bold]x.so", b"\xff\xfe.so"])
def test_any_name_survives_the_way_there_and_back(tmp_path: Path, name: bytes) -> None:
    with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:
        file.write(AN_OBJECT)
    reader = DiskReader()
    names = reader.names(at(tmp_path))
    assert names is not None
    (listed,) = names
    assert os.fsencode(listed) == name
    assert isinstance(reader.objects(at(f"{tmp_path}/{listed}")), tuple)


def test_names_of_a_file_or_of_nothing_are_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert DiskReader().names(at(tmp_path / "file")) is None
    assert DiskReader().names(at(tmp_path / "gone")) is None


def test_text_that_is_no_utf_8_survives(tmp_path: Path) -> None:
    (tmp_path / "x.cfg").write_bytes(b"home = /caf\xe9\n")
    text = DiskReader().text(at(tmp_path / "x.cfg"))
    assert isinstance(text, str)
    assert text.encode("utf-8", "surrogateescape") == b"home = /caf\xe9\n"


# ── a root ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def rooted(tmp_path: Path) -> DiskReader:
    """A system below a folder: /usr/lib holds libx.so, /lib is an absolute link to it, /out leads outside."""
    lib = tmp_path / "root/usr/lib"
    lib.mkdir(parents=True)
    (lib / "libx.so").write_bytes(AN_OBJECT)
    (lib / "libx.so.1").symlink_to("/usr/lib/libx.so")
    (tmp_path / "root/lib").symlink_to("/usr/lib")
    (tmp_path / "root/up").symlink_to("../../../../../usr/lib")
    (tmp_path / "root/round").symlink_to("/round")
    (tmp_path / "outside.txt").write_text("not to be read")
    (tmp_path / "root/out.txt").symlink_to(tmp_path / "outside.txt")
    return DiskReader(Files(f"{tmp_path}/root/"))


@pytest.mark.parametrize("path", ["/usr/lib/libx.so", "/lib/libx.so.1", "/up/libx.so", "/../../lib/./libx.so"])
def test_links_are_followed_inside_the_root_and_paths_are_the_targets(rooted: DiskReader, path: str) -> None:
    found = rooted.objects(at(path))
    assert isinstance(found, tuple)
    assert isinstance(found[0], Elf)
    assert found[0].path == path


def test_nothing_outside_the_root_is_reached(rooted: DiskReader) -> None:
    assert rooted.text(at("/out.txt")) is None
    assert rooted.text(at("/../outside.txt")) is None


def test_folders_and_links_are_the_targets(rooted: DiskReader) -> None:
    assert rooted.names(at("/lib")) == frozenset({"libx.so", "libx.so.1"})
    assert rooted.names(at("/")) == frozenset({"usr", "lib", "up", "round", "out.txt"})
    assert rooted.link(at("/lib")) == "/usr/lib"
    assert rooted.link(at("/lib/libx.so.1")) == "/usr/lib/libx.so"


def test_a_circle_of_links_inside_the_root_ends(rooted: DiskReader) -> None:
    assert rooted.objects(at("/round")) == Unread(at("/round"), "Too many levels of symbolic links", False)
    assert rooted.names(at("/round")) is None


# ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_source_and_a_compiled_module_say_what_they_import(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import json\n")
    (tmp_path / "b.so").write_bytes(AN_OBJECT)
    reader = DiskReader()
    for name in ("a.py", "b.so"):
        found = reader.imports(at(tmp_path / name))
        assert found is not None
        assert not isinstance(found, Unread)


def test_a_source_that_does_not_parse_is_unread(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import (\n")
    assert isinstance(DiskReader().imports(at(tmp_path / "a.py")), Unread)

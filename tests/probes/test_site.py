"""Distributions and their objects, from honest, broken and hostile site folders."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from nixpydoctor.facts import Dist, FsPath, PathEntry, Python, Unread, leaf
from nobody import as_nobody, open_folder
from probes.making import SUFFIXES, TAG, a_python, examined, extension, install


def dists(*folders: Path, python: Python | None = None) -> dict[str, Dist]:
    site, _, told = examined(*folders, python=python)
    return {dist.name: dist for dist in site.dists(told)[0]}


def notes_of(*folders: Path) -> list[Unread]:
    site, notes, told = examined(*folders)
    site.dists(told)
    return notes


def names(paths: tuple[FsPath, ...]) -> list[str]:
    return [leaf(path) for path in paths]


def test_each_kind_of_object_is_told_by_its_name(tmp_path: Path) -> None:
    files = [f"demo/a.{TAG}.so", "demo/b.abi3.so", "demo/c.cpython-311-x86_64-linux-gnu.so", "demo.libs/libz-1.so.1.2"]
    install(tmp_path, "demo", {"demo/__init__.py": "", **dict.fromkeys(files, b"x")})
    demo = dists(tmp_path)["demo"]
    assert names(demo.extensions) == [f"a.{TAG}.so", "b.abi3.so"]
    assert names(demo.foreign) == ["c.cpython-311-x86_64-linux-gnu.so"]
    assert names(demo.libraries) == ["libz-1.so.1.2"]
    assert (demo.version, demo.installer, demo.top_level) == ("1.0", "uv", ("demo",))


@pytest.mark.parametrize("outer_first", [True, False])
def test_a_folder_of_the_path_inside_of_another_has_no_object_a_second_time(tmp_path: Path, outer_first: bool) -> None:
    """A wheel may bring a prefix of its own with it, and a .pth file that puts its site-packages on the path."""
    inner = tmp_path / "demo.prefix" / "lib" / "site-packages"
    below = str(inner.relative_to(tmp_path))
    files = {f"{below}/arm/__init__.py": b"", f"{below}/arm/a.{TAG}.so": b"x", f"{below}/arm/libarm.so.1": b"x"}
    install(tmp_path, "demo", files)
    (inner / "own.abi3.so").write_bytes(b"x")
    found = dists(*((tmp_path, inner) if outer_first else (inner, tmp_path)))
    assert names(found["demo"].extensions) == [f"a.{TAG}.so", "own.abi3.so"]
    assert names(found["demo"].libraries) == ["libarm.so.1"]
    assert (found["arm"].version, found["arm"].top_level) == ("", ("arm",))
    assert (found["arm"].extensions, found["arm"].libraries) == ((), ())


def test_a_foreign_extension_beside_a_native_one_harms_nobody(tmp_path: Path) -> None:
    files = dict.fromkeys([f"demo/a.{TAG}.so", "demo/a.cpython-311-x86_64-linux-gnu.so"], b"x")
    install(tmp_path, "demo", files)
    assert dists(tmp_path)["demo"].foreign == ()


def test_an_extension_for_another_machine_or_c_library_is_foreign(tmp_path: Path) -> None:
    tags = ("cpython-312-aarch64-linux-gnu", "cpython-312-x86_64-linux-musl", "pypy310-pp73-x86_64-linux-gnu")
    install(tmp_path, "demo", {f"m{number}.{tag}.so": b"x" for number, tag in enumerate(tags)})
    assert len(dists(tmp_path)["demo"].foreign) == 3


def test_a_plain_so_is_an_extension_where_it_defines_its_init_function(tmp_path: Path) -> None:
    real = extension()
    data = real.read_bytes()
    stem = real.name.partition(".")[0]
    install(tmp_path, "demo", {f"{stem}.so": data, "libother.so": data, "other.so": data})
    demo = dists(tmp_path)["demo"]
    assert names(demo.extensions) == [f"{stem}.so"]
    assert names(demo.libraries) == ["libother.so", "other.so"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no object at all\n",
        extension().read_bytes()[:100],
        b"PK\x03\x04" + bytes(100),
        b"\x7fELF" + b"\xff" * 200,
    ],
    ids=["empty", "text", "truncated", "zip", "absurd"],
)
def test_a_plain_so_that_is_no_object_is_left_to_the_loader_to_judge(tmp_path: Path, content: bytes) -> None:
    install(tmp_path, "demo", {"a.so": content})
    assert names(dists(tmp_path)["demo"].extensions) == ["a.so"]


def test_a_huge_sparse_so_costs_nothing(tmp_path: Path) -> None:
    install(tmp_path, "demo", {"a.so": b"\x7fELF"})
    with (tmp_path / "a.so").open("r+b") as file:
        file.truncate(1 << 40)
    assert names(dists(tmp_path)["demo"].extensions) == ["a.so"]


def test_what_record_lists_and_the_disk_lacks_is_gone(tmp_path: Path) -> None:
    install(tmp_path, "demo", {"demo/__init__.py": ""}, record="demo.libs/libz-1.so.1,sha256=x,1\n")
    assert dists(tmp_path)["demo"].gone == (FsPath(f"{tmp_path}/demo.libs/libz-1.so.1"),)


def test_without_record_objects_belong_to_the_distribution_of_that_name(tmp_path: Path) -> None:
    install(tmp_path, "My.Demo", {"my_demo/__init__.py": "", f"my_demo/a.{TAG}.so": b"x"}, record=None)
    demo = dists(tmp_path)["My.Demo"]
    assert names(demo.extensions) == [f"a.{TAG}.so"]
    assert demo.top_level == ("my_demo",)


def test_an_object_that_record_forgot_belongs_to_the_owner_of_its_top_folder(tmp_path: Path) -> None:
    install(tmp_path, "demo", {"pack/__init__.py": ""})
    (tmp_path / "pack" / f"late.{TAG}.so").write_bytes(b"x")
    assert names(dists(tmp_path)["demo"].extensions) == [f"late.{TAG}.so"]


def test_an_object_that_nobody_claims_is_examined_under_its_folders_name(tmp_path: Path) -> None:
    (tmp_path / "stray").mkdir()
    (tmp_path / "stray" / f"a.{TAG}.so").write_bytes(b"x")
    (tmp_path / f"lone.{TAG}.so").write_bytes(b"x")
    found = dists(tmp_path)
    assert (found["stray"].version, names(found["stray"].extensions)) == ("", [f"a.{TAG}.so"])
    assert found["lone"].top_level == ("lone",)


def test_an_egg_info_folder_and_an_egg_info_file_are_distributions(tmp_path: Path) -> None:
    folder = tmp_path / "old-2.0-py3.12.egg-info"
    folder.mkdir()
    (folder / "PKG-INFO").write_text("Name: old\nVersion: 2.0\nRequires-Dist: other\n")
    (folder / "top_level.txt").write_text("older\n")
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / f"a.{TAG}.so").write_bytes(b"x")
    (tmp_path / "flat-3.0.egg-info").write_text("Name: flat\nVersion: 3.0\n")
    found = dists(tmp_path)
    assert (found["old"].version, found["old"].top_level, found["old"].requires) == ("2.0", ("older",), ("other",))
    assert names(found["old"].extensions) == [f"a.{TAG}.so"]
    assert found["flat"].version == "3.0"


def test_requirements_of_extras_do_not_count(tmp_path: Path) -> None:
    install(tmp_path, "demo", {})
    metadata = tmp_path / "demo-1.0.dist-info" / "METADATA"
    wants = ["Num.Py>=1.2; python_version > '3.8'", "tests; extra == 'dev'", "num_py<3", "Six (>=1)"]
    metadata.write_text(
        "Name: demo\nVersion: 1.0\n" + "".join(f"Requires-Dist: {want}\n" for want in wants) + "\n\nName: x"
    )
    assert dists(tmp_path)["demo"].requires == ("num-py", "six")


def test_a_distribution_shadowed_by_an_earlier_folder_is_not_examined(tmp_path: Path) -> None:
    for folder, version in (("one", "1.0"), ("two", "2.0")):
        install(tmp_path / folder, "demo", {f"demo/a.{TAG}.so": b"x"}, version=version)
    assert dists(tmp_path / "one", tmp_path / "two")["demo"].version == "1.0"


def test_compiled_programs_in_bin_are_found_through_record(tmp_path: Path) -> None:
    site, bin_folder = tmp_path / "lib" / "site", tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "tool").write_bytes(b"\x7fELF...")
    (bin_folder / "script").write_text("#!/bin/sh\n")
    install(site, "demo", {}, record="../../bin/tool,,\n../../bin/script,,\n../../../../../../../bin/sh,,\n")
    found = dists(site, python=a_python(site, prefix=tmp_path))["demo"]
    assert found.programs == (FsPath(f"{bin_folder}/tool"),)


def test_the_standard_librarys_extensions_are_a_distribution_named_python(tmp_path: Path) -> None:
    folder = tmp_path / "lib-dynload"
    folder.mkdir()
    (folder / f"_ssl.{TAG}.so").write_bytes(b"x")
    python = dists(folder)["python"]
    assert (python.version, python.location, python.top_level) == ("3.12.1", str(folder), ("_ssl",))


def test_a_folder_that_holds_the_standard_library_is_not_searched(tmp_path: Path) -> None:
    (tmp_path / "os.py").touch()
    (tmp_path / "site.py").touch()
    (tmp_path / f"a.{TAG}.so").touch()
    assert dists(tmp_path) == {}


# ── hostile folders ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_links_that_go_round_in_circles_end(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "pack").mkdir(parents=True)
    (site / "pack" / f"a.{TAG}.so").write_bytes(b"x")
    (site / "pack" / "up").symlink_to(site)
    (site / "pack" / "self").symlink_to("self")
    (site / "pack" / "root").symlink_to("/")
    (site / "pack" / "b.so").symlink_to("b.so")
    assert names(dists(site)["pack"].extensions) == [f"a.{TAG}.so"]
    assert [leaf(note.path) for note in notes_of(site)] == ["b.so"]


def test_a_folder_that_is_a_link_elsewhere_is_searched_as_nixs_environments_need(tmp_path: Path) -> None:
    store = tmp_path / "store" / "demo"
    store.mkdir(parents=True)
    (store / f"a.{TAG}.so").write_bytes(b"x")
    (store / "again").symlink_to(store)
    site = tmp_path / "site"
    site.mkdir()
    (site / "demo").symlink_to(store)
    assert dists(site)["demo"].extensions == (FsPath(f"{site}/demo/a.{TAG}.so"),)


def test_a_socket_a_fifo_and_a_folder_named_like_objects_are_noted_or_entered_and_never_opened(tmp_path: Path) -> None:
    monitor = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(tmp_path)  # a socket's name may have 107 bytes
    try:
        monitor.bind("a.so")
    finally:
        os.chdir(here)
        monitor.close()
    os.mkfifo(tmp_path / "b.so")
    (tmp_path / "c.so").mkdir()
    (tmp_path / "c.so" / f"d.{TAG}.so").write_bytes(b"x")
    assert sorted(leaf(note.path) for note in notes_of(tmp_path)) == ["a.so", "b.so"]
    assert names(dists(tmp_path)["c.so"].extensions) == [f"d.{TAG}.so"]


def test_a_fifo_in_the_place_of_metadata_is_not_waited_for(tmp_path: Path) -> None:
    info = tmp_path / "demo-1.0.dist-info"
    info.mkdir()
    os.mkfifo(info / "METADATA")
    os.mkfifo(info / "RECORD")
    assert dists(tmp_path)["demo"].version == "1.0"
    assert {leaf(note.path) for note in notes_of(tmp_path)} == {"METADATA", "RECORD"}


def test_a_record_that_is_larger_than_anybodys_is_noted_and_the_folder_counts(tmp_path: Path) -> None:
    info = tmp_path / "demo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: demo\nVersion: 1.0\n")
    with (info / "RECORD").open("wb") as file:
        file.truncate(1 << 32)
    (tmp_path / "demo").mkdir()
    shutil.copy(extension(), tmp_path / "demo" / f"_it{SUFFIXES[0]}")
    (note,) = notes_of(tmp_path)
    assert (leaf(note.path), note.reason) == ("RECORD", "larger than 32 MiB")
    assert names(dists(tmp_path)["demo"].extensions) == [f"_it{SUFFIXES[0]}"]


def test_an_unreadable_folder_is_noted() -> None:
    with open_folder() as folder:
        (folder / "closed").mkdir(mode=0o700 if os.geteuid() == 0 else 0)
        with as_nobody():
            assert notes_of(folder) == [Unread(FsPath(f"{folder}/closed"), "Permission denied", False)]


@pytest.mark.parametrize("name", ["new\nline", "esc\x1b[31m", "[bold]x", "com,ma", 'quo"te', "\udcff\udcfe", " "])
def test_hostile_names_survive_to_the_letter(tmp_path: Path, name: str) -> None:
    import csv
    import io

    folder = os.fsencode(str(tmp_path / name))
    os.mkdir(folder)
    path = f"{name}/a.{TAG}.so"
    with open(os.path.join(folder, f"a.{TAG}.so".encode()), "wb") as file:
        file.write(b"x")
    install(tmp_path, "demo", {})
    row = io.StringIO(newline="")
    csv.writer(row, lineterminator="\n").writerow([path, "", ""])
    record = tmp_path / "demo-1.0.dist-info" / "RECORD"
    record.write_bytes(row.getvalue().encode("utf-8", "surrogateescape"))
    assert dists(tmp_path)["demo"].extensions == (FsPath(f"{tmp_path}/{path}"),)


def test_a_record_that_names_files_all_over_the_machine_reaches_none_of_them(tmp_path: Path) -> None:
    lines = "../../../../../../../../etc/evil.so,,\n/etc/passwd.so,,\na\0b.so,,\n"
    install(tmp_path / "lib" / "site", "demo", {}, record=lines)
    demo = dists(tmp_path / "lib" / "site")["demo"]
    assert (demo.libraries, demo.gone, demo.programs) == ((), (), ())


def test_what_pip_could_not_remove_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "~umpy-1.0.dist-info").mkdir()
    (tmp_path / "~umpy").mkdir()
    (tmp_path / "~umpy" / f"a.{TAG}.so").touch()
    assert dists(tmp_path) == {}


def test_a_project_on_the_path_is_searched_without_its_venv_and_hidden_folders(tmp_path: Path) -> None:
    for folder in (".hidden", "node_modules", "env", "pack"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"a.{TAG}.so").touch()
    (tmp_path / "env" / "pyvenv.cfg").touch()
    python = Python(
        command=FsPath("/p"), version="3.12", suffixes=SUFFIXES, path=(PathEntry(FsPath(str(tmp_path)), "project"),)
    )
    assert list(dists(tmp_path, python=python)) == ["pack"]


def test_a_folder_listed_under_two_names_is_examined_once(tmp_path: Path) -> None:
    install(tmp_path / "lib", "demo", {f"demo/a.{TAG}.so": b"x"})
    (tmp_path / "lib64").symlink_to("lib")
    site, _, python = examined(tmp_path / "lib", tmp_path / "lib64")
    assert [dist.name for dist in site.dists(python)[0]] == ["demo"]

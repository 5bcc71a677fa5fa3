"""NPD502 says what the loader does with each name of its preload file."""

from __future__ import annotations

from build import a_glibc, a_library, facts, store_loader
from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, Facts, FsPath
from nixpydoctor.findings import Severity
from nixpydoctor.rules.preload_file import preload_file

FILE = FsPath("/etc/ld-nix.so.preload")


def world(*objects: Elf, names: tuple[str, ...]) -> Facts:
    return facts(objects=objects, loader=store_loader(preload=names, preload_path=FILE))


def test_a_name_that_leads_nowhere_is_a_note_with_the_files_name() -> None:
    (finding,) = preload_file.check(Case(world(names=("libmonitor.so",))))
    assert finding.severity is Severity.NOTE
    assert finding.message.startswith(f"{FILE} names libmonitor.so")


def test_an_error_where_python_dies_of_it() -> None:
    (finding,) = preload_file.check(Case(world(*a_glibc("/n", "2.99"), names=("/n/lib/libc.so.6",))))
    assert (finding.severity, finding.detail) == (Severity.ERROR, FILE)


def test_silent_where_it_loads_and_where_there_is_no_file() -> None:
    assert not list(preload_file.check(Case(world(a_library("/x/a.so", "libc.so.6"), names=("/x/a.so",)))))
    assert not list(preload_file.check(Case(facts())))

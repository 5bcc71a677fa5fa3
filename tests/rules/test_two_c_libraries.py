"""NPD108 speaks where a foreign part of a C library is mapped."""

from __future__ import annotations

import pytest

from build import GLIBC, a_glibc, facts
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Object, Unread
from nixpydoctor.findings import Severity
from nixpydoctor.rules.two_c_libraries import two_c_libraries


def test_a_host_libc_of_another_release_on_the_library_path_is_an_error() -> None:
    world = facts(objects=a_glibc("/host", "2.31"), env={"LD_LIBRARY_PATH": "/host/lib"})
    (finding,) = two_c_libraries.check(Case(world))
    assert finding.severity is Severity.ERROR
    assert finding.detail == "libc.so.6"
    assert "/host/lib/libc.so.6" in finding.message


def test_a_foreign_libc_of_the_same_release_is_a_warning() -> None:
    world = facts(objects=a_glibc("/host", "2.40"), env={"LD_LIBRARY_PATH": "/host/lib"})
    (finding,) = two_c_libraries.check(Case(world))
    assert finding.severity is Severity.WARNING


def test_silent_where_the_variable_names_the_loaders_own_folder() -> None:
    assert not list(two_c_libraries.check(Case(facts(env={"LD_LIBRARY_PATH": f"{GLIBC}/lib"}))))


def test_the_mathematics_of_another_release_alone_is_a_warning() -> None:
    libm = [obj for obj in a_glibc("/host", "2.31") if obj.soname == "libm.so.6"]
    world = facts(objects=libm, env={"LD_LIBRARY_PATH": "/host/lib"}, executable_needs=("libm.so.6", "libc.so.6"))
    (finding,) = two_c_libraries.check(Case(world))
    assert (finding.severity, finding.detail) == (Severity.WARNING, "libm.so.6")


def test_of_the_own_c_library_only_what_somebody_brings_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    plain = Disk.objects

    def told(self: Disk, path: FsPath) -> tuple[Object, ...] | Unread | None:
        asked.append(path)
        return plain(self, path)

    monkeypatch.setattr(Disk, "objects", told)
    assert not list(two_c_libraries.check(Case(facts())))
    assert f"{GLIBC}/lib/libc.so.6" in asked
    assert f"{GLIBC}/lib/libpthread.so.0" not in asked

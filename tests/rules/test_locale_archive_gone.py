"""NPD511 speaks where the archive that nixpkgs' glibc is told to read does not exist."""

from __future__ import annotations

from build import facts
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.rules.locale_archive_gone import locale_archive_gone

ENV = {"LOCALE_ARCHIVE": "/nix/store/gone/lib/locale/locale-archive"}


def test_a_name_without_a_file() -> None:
    (finding,) = locale_archive_gone.check(Case(facts(env=ENV)))
    assert finding.subject == ENV["LOCALE_ARCHIVE"]
    assert f"LOCALE_ARCHIVE={ENV['LOCALE_ARCHIVE']} names nothing" in finding.message
    assert finding.detail == "LOCALE_ARCHIVE"


def test_silent_where_it_is_there_and_for_a_c_library_that_does_not_read_it() -> None:
    there = Unread(FsPath(ENV["LOCALE_ARCHIVE"]), "invalid ELF header", True)
    assert not list(locale_archive_gone.check(Case(facts(objects=[there], env=ENV))))
    assert not list(locale_archive_gone.check(Case(facts(env=ENV, store=False))))
    assert not list(locale_archive_gone.check(Case(facts())))

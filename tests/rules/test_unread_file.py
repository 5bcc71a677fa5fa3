"""NPD901 speaks of everything that could not be examined, once."""

from __future__ import annotations

from build import facts
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.findings import Severity
from nixpydoctor.rules.unread_file import unread_file

SECRET = Unread(FsPath("/home/ada/secret"), "Permission denied", fatal=False)


def test_each_path_once_as_a_note() -> None:
    (finding,) = unread_file.check(Case(facts(unread=(SECRET, SECRET))))
    assert finding.severity is Severity.NOTE
    assert finding.subject == SECRET.path


def test_silent_where_everything_was_read() -> None:
    assert not list(unread_file.check(Case(facts())))

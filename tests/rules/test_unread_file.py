"""NPD901 speaks of everything that could not be examined, once."""

from __future__ import annotations

from build import SITE, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.findings import Severity
from nixpydoctor.rules.unread_file import unread_file
from paths import world

SECRET = Unread(FsPath("/home/ada/secret"), "Permission denied", fatal=False)


def test_each_path_once_as_a_note() -> None:
    (finding,) = unread_file.check(Case(facts(unread=(SECRET, SECRET))))
    assert finding.severity is Severity.NOTE
    assert finding.subject == SECRET.path
    assert finding.message == "not examined: Permission denied"


def test_a_pth_file_that_cannot_be_read_is_told() -> None:
    """Python reads it at every start, and waits there for whoever writes into a pipe."""
    pipe = FsPath(f"{SITE}/a.pth")
    made = world(texts={pipe: "", f"{SITE}/b.pth": "/opt\n"})
    made.disk._held.texts[pipe] = Unread(pipe, "not a regular file", fatal=False)
    (finding,) = unread_file.check(Case(made))
    assert (finding.subject, finding.detail) == (pipe, "not a regular file")


def test_silent_where_everything_was_read() -> None:
    assert not list(unread_file.check(Case(facts())))
    assert not list(unread_file.check(Case(world(texts={f"{SITE}/b.pth": "/opt\n"}))))

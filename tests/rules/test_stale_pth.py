"""NPD208 speaks of lines of .pth files that lead nowhere."""

from __future__ import annotations

from build import SITE, a_dist
from nixpydoctor.findings import Severity
from nixpydoctor.rules.stale_pth import stale_pth
from paths import case

APP = a_dist("my-app", "1.0", top_level=())


def test_an_editable_install_whose_folder_is_gone_is_an_error() -> None:
    texts = {f"{SITE}/__editable__.my_app-1.0.pth": "/home/ada/gone/src\n"}
    (finding,) = stale_pth.check(case(APP, texts=texts))
    assert finding.detail == "__editable__.my_app-1.0.pth"
    assert (finding.severity, finding.breaks) == (Severity.ERROR, ("my_app",))
    assert "/home/ada/gone/src" in finding.message


def test_a_line_that_belongs_to_nothing_is_a_note() -> None:
    (finding,) = stale_pth.check(case(a_dist(), texts={f"{SITE}/extra.pth": "# more\n../elsewhere\n"}))
    assert (finding.severity, finding.breaks) == (Severity.NOTE, ())


def test_a_module_that_is_not_there_is_named() -> None:
    (finding,) = stale_pth.check(case(a_dist(), texts={f"{SITE}/run.pth": "import os, hook; hook.go()\n"}))
    assert "hook" in finding.message


def test_silent_where_the_folder_or_another_copy_is_there() -> None:
    files = {"/home/ada/src/my_app/__init__.py": ""}
    assert not list(stale_pth.check(case(APP, texts={f"{SITE}/my_app.pth": "/home/ada/src\n"}, files=files)))
    assert not list(stale_pth.check(case(APP)))
    copy = {f"{SITE}/my_app/__init__.py": ""}
    (finding,) = stale_pth.check(case(APP, texts={f"{SITE}/my_app.pth": "/home/ada/gone\n"}, files=copy))
    assert finding.severity is Severity.NOTE

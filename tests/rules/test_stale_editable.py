"""NPD212 speaks where a finder's table leads nowhere."""

from __future__ import annotations

from build import SITE, a_dist
from nixpydoctor.rules.stale_editable import stale_editable
from paths import case

LINE = "import __editable___demo_1_0_finder; __editable___demo_1_0_finder.install()\n"
TABLE = "MAPPING: dict[str, str] = {'demo': '/home/ada/demo/demo'}\nNAMESPACES = {}\nNAME = '__editable__.demo'\n"
TEXTS = {f"{SITE}/__editable__.demo-1.0.pth": LINE, f"{SITE}/__editable___demo_1_0_finder.py": TABLE}


def test_the_module_that_can_no_longer_be_imported_is_named() -> None:
    (finding,) = stale_editable.check(case(a_dist("demo", "1.0"), texts=TEXTS))
    assert finding.detail == "__editable__.demo-1.0.pth"
    assert finding.breaks == ("demo",)
    assert "/home/ada/demo/demo" in finding.message


def test_silent_where_the_sources_are_there_and_without_such_installs() -> None:
    files = {"/home/ada/demo/demo/__init__.py": ""}
    assert not list(stale_editable.check(case(a_dist("demo", "1.0"), texts=TEXTS, files=files)))
    assert not list(stale_editable.check(case(a_dist("demo", "1.0"))))

"""NPD211 speaks of files in the project's folder that a script there would get, and of no others."""

from __future__ import annotations

from build import SITE, a_dist
from nixpydoctor.facts import PathEntry
from nixpydoctor.findings import Severity
from nixpydoctor.rules.script_folder_hides_modules import script_folder_hides_modules
from paths import OWN, PROJECT, case

INSTALLED = {f"{SITE}/numpy/__init__.py": ""}


def test_a_module_of_the_standard_library_and_a_distribution_are_named() -> None:
    stray = {f"{PROJECT}/random.py": "", f"{PROJECT}/numpy.py": "", f"{PROJECT}/app.py": ""}
    found = list(script_folder_hides_modules.check(case(a_dist(), project=True, files=INSTALLED | stray)))
    assert [(finding.subject, finding.severity) for finding in found] == [
        (f"{PROJECT}/random.py", Severity.NOTE),
        (f"{PROJECT}/numpy.py", Severity.NOTE),
    ]
    assert "random.py from there for `import random`" in found[0].message


def test_silent_without_a_project_about_its_own_names_and_about_what_cannot_be_hidden() -> None:
    stray = {f"{PROJECT}/random.py": ""}
    own = {f"{PROJECT}/app.py": "", f"{PROJECT}/os.py": "", f"{PROJECT}/sys.py": "", f"{PROJECT}/numpy/data.py": ""}
    assert not list(script_folder_hides_modules.check(case(a_dist(), files=INSTALLED | stray)))
    assert not list(script_folder_hides_modules.check(case(a_dist(), project=True, files=INSTALLED | own)))


def test_silent_about_a_project_that_is_itself_on_the_path() -> None:
    files = {f"{PROJECT}/app/__init__.py": ""}
    app = a_dist("app", "1.0")
    entries = [OWN, PathEntry(PROJECT, "project")]
    assert not list(script_folder_hides_modules.check(case(app, project=True, after=entries, files=files)))

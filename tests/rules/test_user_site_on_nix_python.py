"""NPD205 speaks of a user site that takes part in a Nix Python, and of one that it is kept from."""

from __future__ import annotations

from build import a_dist
from nixpydoctor.rules.user_site_on_nix_python import user_site_on_nix_python
from paths import OWN, USER_SITE, USERS, at, case

KIWI = at(USER_SITE, a_dist("kiwisolver", "1.4"))
INSTALLED = {f"{USER_SITE}/kiwisolver-1.4.dist-info/METADATA": "Name: kiwisolver\n"}


def test_what_is_imported_from_there_is_named() -> None:
    (finding,) = user_site_on_nix_python.check(case(KIWI, after=[USERS], venv=None))
    assert finding.detail == "user site"
    assert finding.subject == USER_SITE
    assert "kiwisolver" in finding.message


def test_what_the_variable_hides_is_named() -> None:
    off = {"PYTHONNOUSERSITE": "true"}
    (finding,) = user_site_on_nix_python.check(
        case(after=[], venv=None, env=off, texts=INSTALLED, user_folder=USER_SITE)
    )
    assert finding.message.startswith("PYTHONNOUSERSITE hides kiwisolver")


def test_silent_in_a_venv_outside_of_the_store_and_where_the_folder_is_empty() -> None:
    assert not list(user_site_on_nix_python.check(case(KIWI, after=[USERS, OWN])))
    assert not list(user_site_on_nix_python.check(case(KIWI, after=[USERS], venv=None, store=False)))
    assert not list(user_site_on_nix_python.check(case(after=[USERS], venv=None)))

"""NPD310 speaks where a link that somebody else updates stands between the venv and its Python."""

from __future__ import annotations

import pytest

from build import STORE_PYTHON, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Venv, parent
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.rules.base_of_a_profile import base_of_a_profile

ROOT = FsPath("/home/ada/app/.venv")


def said(*links: str, home: str = parent(STORE_PYTHON), exists: bool = True) -> list[Finding]:
    steps = tuple(FsPath(link) for link in links)
    venv = Venv(ROOT, FsPath(home), "3.12.1", "venv", False, base=STORE_PYTHON, base_exists=exists, links=steps)
    return list(base_of_a_profile.check(Case(facts(venv=venv))))


@pytest.mark.parametrize(
    "link",
    [
        "/run/current-system/sw/bin/python3",
        "/home/ada/.nix-profile/bin/python3",
        "/etc/profiles/per-user/ada/bin/python3",
        "/home/ada/.local/state/nix/profiles/profile/bin/python3",
        "/home/ada/app/.devenv/profile/bin/python",
    ],
)
def test_a_link_through_a_profile_is_a_note(link: str) -> None:
    (finding,) = said(f"{ROOT}/bin/python3", link, STORE_PYTHON)
    assert finding.severity is Severity.NOTE
    assert link in finding.message


def test_the_home_tells_as_well() -> None:
    (finding,) = said(home="/run/current-system/sw/bin")
    assert finding.detail == "profile"
    assert "/run/current-system/sw/bin" in finding.message


def test_silent_where_the_venv_leads_straight_to_the_store_or_nowhere() -> None:
    assert said(STORE_PYTHON) == []
    assert said("/run/current-system/sw/bin/python3", exists=False) == []

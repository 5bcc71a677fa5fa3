"""NPD204 speaks where two providers hold a distribution in two versions, louder where compiled parts of both meet."""

from __future__ import annotations

from build import a_dist
from nixpydoctor.facts import PathEntry
from nixpydoctor.findings import Severity
from nixpydoctor.rules.mixed_providers import mixed_providers
from paths import FROM_SHELL, STORE_SITE, USER_SITE, USERS, at, case

NIX = PathEntry(STORE_SITE, "nix-env")
USER = at(USER_SITE, a_dist("numpy", "2.3.2"))
OLD = at(STORE_SITE, a_dist("numpy", "1.26.4"))
NEAR = at(STORE_SITE, a_dist("numpy", "2.3.1"))
PANDAS = at(STORE_SITE, a_dist("pandas", "2.2.0", requires=("numpy",), extensions=["pandas/_libs/lib.abi3.so"]))


def test_what_was_compiled_beside_the_hidden_one_is_named() -> None:
    (finding,) = mixed_providers.check(case(USER, PANDAS, after=[USERS, NIX], hidden=(OLD,), venv=None))
    assert finding.detail == "user before nix-env"
    assert finding.severity is Severity.WARNING
    assert finding.message.startswith("numpy 2.3.2 (user) hides 1.26.4 (nix-env), and pandas 2.2.0 from there")


def test_the_same_major_version_or_nothing_compiled_is_a_note() -> None:
    (near,) = mixed_providers.check(case(USER, PANDAS, after=[USERS, NIX], hidden=(NEAR,), venv=None))
    (alone,) = mixed_providers.check(case(USER, after=[USERS, NIX], hidden=(OLD,), venv=None))
    assert (near.severity, alone.severity) == (Severity.NOTE, Severity.NOTE)


def test_a_module_that_only_the_hidden_one_has_is_named() -> None:
    old = at(STORE_SITE, a_dist("numpy", "1.26.4", top_level=("numpy", "numpy_extra")))
    files = {f"{STORE_SITE}/numpy_extra.py": "", f"{USER_SITE}/numpy/__init__.py": ""}
    (finding,) = mixed_providers.check(case(USER, after=[USERS, NIX], hidden=(old,), files=files, venv=None))
    assert "numpy_extra still comes from the hidden one" in finding.message


def test_silent_about_one_provider_equal_versions_and_what_others_tell() -> None:
    same = at(STORE_SITE, a_dist("numpy", "2.3.2"))
    assert not list(mixed_providers.check(case(USER, after=[USERS, NIX], venv=None)))
    assert not list(mixed_providers.check(case(USER, after=[USERS, NIX], hidden=(same,), venv=None)))
    assert not list(mixed_providers.check(case(OLD, before=[FROM_SHELL], hidden=(a_dist("numpy", "2.3.2"),))))

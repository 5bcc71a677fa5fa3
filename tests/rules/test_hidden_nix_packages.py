"""NPD210 speaks of packages that Nix put together and this Python does not see, and says why."""

from __future__ import annotations

from build import a_dist
from nixpydoctor.facts import FsPath, PathEntry, Venv
from nixpydoctor.rules.hidden_nix_packages import hidden_nix_packages
from paths import OWN, case

ENV = "/nix/store/3envaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1-env"
PACKAGES = FsPath(f"{ENV}/lib/python3.12/site-packages")
NAMED = {"NIX_PYTHONPATH": PACKAGES}
HELD = {f"{PACKAGES}/requests-2.32.dist-info/METADATA": "", f"{PACKAGES}/numpy-2.3.2.dist-info/METADATA": ""}


def made_from(home: str, *, system: bool = False) -> Venv:
    return Venv(FsPath("/home/ada/app/.venv"), FsPath(home), "3.12.1", "venv", system)


def test_a_venv_that_was_made_from_the_environment() -> None:
    (finding,) = hidden_nix_packages.check(case(texts=HELD, venv=made_from(f"{ENV}/bin")))
    assert finding.detail == ""
    assert finding.subject == PACKAGES
    assert "requests" in finding.message
    assert "--system-site-packages" in finding.message


def test_a_variable_without_effect() -> None:
    (finding,) = hidden_nix_packages.check(case(texts=HELD, env=NAMED, venv=None, store=False))
    assert "not Nix's" in finding.message
    (finding,) = hidden_nix_packages.check(case(texts=HELD, env=NAMED, venv=None))
    assert "no sitecustomize.py" in finding.message


def test_another_sitecustomize_in_front_is_named() -> None:
    own = {f"{OWN.path}/sitecustomize.py": ""}
    (finding,) = hidden_nix_packages.check(case(texts=HELD, files=own, env=NAMED, venv=None))
    assert f"{OWN.path}/sitecustomize.py stands before" in finding.message


def test_silent_where_they_are_visible_or_nothing_is_lost() -> None:
    seen = PathEntry(PACKAGES, "nix-env", "NIX_PYTHONPATH")
    have = (a_dist("numpy"), a_dist("requests"))
    assert not list(hidden_nix_packages.check(case(texts=HELD, env=NAMED, after=[seen], venv=None)))
    assert not list(hidden_nix_packages.check(case(*have, texts=HELD, env=NAMED, venv=None)))
    assert not list(hidden_nix_packages.check(case(texts=HELD, venv=made_from(f"{ENV}/bin", system=True))))
    assert not list(hidden_nix_packages.check(case(texts=HELD)))

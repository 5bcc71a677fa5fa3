"""homogeneous-user-site is for a mixture alone, comes last, and says what it gives up."""

from __future__ import annotations

from dataclasses import replace

from build import SITE, a_dist, an_object, facts
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath, PathEntry
from nixpydoctor.remedies import REMEDIES

USER = FsPath("/home/ada/.local/lib/python3.12/site-packages")
NIX = SITE
"""Where the makers put what is imported."""


def world(*, mixed: bool = True) -> Facts:
    """Nix's numpy lacks a library; the user site has another distribution."""
    broken = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"
    other = "frob/_c.cpython-312-x86_64-linux-gnu.so"
    user = replace(a_dist("frob", extensions=[f"{USER}/{other}"]), location=USER)
    made = facts(
        user,
        a_dist(extensions=[broken]),
        objects=[an_object(f"{NIX}/{broken}", "libgone.so.1"), an_object(f"{USER}/{other}", "libc.so.6")],
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
    )
    python = made.main.python
    assert python is not None
    path = (PathEntry(USER, "user"), PathEntry(NIX, "nix-env" if mixed else "venv"))
    return replace(made, main=replace(made.main, python=replace(python, path=path)))


def test_nix_packages_leave_and_the_user_site_stays() -> None:
    (found,) = [one for one in diagnose(world()).trials if one.treatment.remedy.name == "homogeneous-user-site"]
    assert found.treatment.basis == "assumed"
    assert [dist.name for dist in found.treatment.after.main.dists] == ["frob"]
    assert "numpy" in found.treatment.instructions
    assert "gives up Nix" in found.treatment.instructions


def test_without_a_mixture_it_has_no_form() -> None:
    (why,) = [one.why for one in diagnose(world(mixed=False)).not_offered if one.remedy.name == "homogeneous-user-site"]
    assert "not mixed" in why


def test_it_stands_last() -> None:
    assert REMEDIES[-1].name == "homogeneous-user-site"

"""NPD301 speaks where the venv outlived its Python."""

from __future__ import annotations

import pytest

from build import STORE_PYTHON, a_library, facts
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Venv
from nixpydoctor.findings import Finding
from nixpydoctor.light import replace
from nixpydoctor.rules.venv_base_gone import venv_base_gone

ROOT = FsPath("/home/ada/app/.venv")


PATH = "/nix/store/1pyaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1"


def said(base: str, *, links: tuple[str, ...] = (), there: str = "", nix: bool = True) -> list[Finding]:
    """What is said of a venv with that base, on a machine on which the file `there` exists."""
    steps = tuple(FsPath(link) for link in links)
    venv = Venv(ROOT, FsPath("/x/bin"), "3.12.1", "venv", False, base=FsPath(base), base_exists=False, links=steps)
    told = facts(venv=venv)
    disk = Disk.closed([a_library(there)] if there else [])
    return list(venv_base_gone.check(Case(replace(told, disk=disk, platform=replace(told.platform, nix=nix)))))


@pytest.mark.parametrize(
    ("base", "links", "there", "nix", "why"),
    [
        (STORE_PYTHON, (), "", True, f"{PATH} was collected from the Nix store"),
        (STORE_PYTHON, (), "", False, "this machine has no Nix store"),
        (STORE_PYTHON, (), f"{PATH}/bin/python3.13", True, "is there and has no such program"),
        ("/nix/store/u-user-environment/bin/python3", ("/home/ada/.nix-profile/bin/python3",),
         "/nix/store/u-user-environment/bin/git", True, "/home/ada/.nix-profile/bin/python3 has been updated"),
        ("/home/ada/.local/share/uv/python/cpython-3.12/bin/python3", (), "", True, "uv has removed or replaced it"),
        ("/home/ada/.pyenv/versions/3.12.1/bin/python3.12", (), "", True, "pyenv has removed or replaced it"),
        ("/opt/hostedtoolcache/bin/python3", (), "", True, "made on another machine or in a container"),
        ("/usr/bin/python3.11", (), "/usr/bin/python3.12", True, "removed or moved"),
    ],
)  # fmt: skip
def test_what_became_of_the_base(base: str, links: tuple[str, ...], there: str, nix: bool, why: str) -> None:
    (finding,) = said(base, links=links, there=there, nix=nix)
    assert finding.subject == ROOT
    assert why in finding.message


def test_silent_where_the_base_is_there() -> None:
    venv = Venv(ROOT, FsPath("/nix/store/x/bin"), "3.12.1", "venv", False, base=STORE_PYTHON)
    assert not list(venv_base_gone.check(Case(facts(venv=venv))))

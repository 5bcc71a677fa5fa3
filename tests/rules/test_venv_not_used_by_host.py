"""NPD404 speaks where a venv is active and the host arrives at another prefix."""

from __future__ import annotations

from dataclasses import replace

from a_host import HOST, a_host
from build import a_dist
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath
from nixpydoctor.findings import Severity
from nixpydoctor.rules.venv_not_used_by_host import venv_not_used_by_host

VENV = "/home/ada/app/.venv"


def test_what_only_the_venv_has_cannot_be_imported() -> None:
    world = a_host(beside=[a_dist("requests")], env={"VIRTUAL_ENV": VENV})
    (finding,) = venv_not_used_by_host.check(Case(world))
    assert finding.severity is Severity.WARNING
    assert finding.undecided == ("requests",)
    assert finding.detail == VENV
    assert "requests cannot be imported in it" in finding.message


def test_a_venv_without_anything_in_it_is_no_loss() -> None:
    (finding,) = venv_not_used_by_host.check(Case(a_host(env={"VIRTUAL_ENV": VENV})))
    assert finding.severity is Severity.NOTE


def test_without_a_python3_on_path_the_prefix_tells() -> None:
    world = a_host(env={"VIRTUAL_ENV": VENV}, host=replace(HOST, executable=""))
    (finding,) = venv_not_used_by_host.check(Case(world))
    assert finding.evidence[1].path == FsPath("/opt/python")  # type: ignore[union-attr]


def test_silent_where_the_host_uses_it_or_none_is_active() -> None:
    assert not list(venv_not_used_by_host.check(Case(a_host(prefix=VENV, env={"VIRTUAL_ENV": VENV}))))
    assert not list(venv_not_used_by_host.check(Case(a_host(beside=[a_dist("requests")]))))

"""NPD408 speaks where isolation hides from a host what the shell's Python has from PYTHONPATH or the user site."""

from __future__ import annotations

from dataclasses import replace

from a_host import HOST, a_host
from build import SITE, a_dist
from nixpydoctor.case import Case
from nixpydoctor.facts import Dist, Facts, FsPath, Host
from nixpydoctor.findings import Severity
from nixpydoctor.rules.isolated_host import isolated_host

USER = FsPath("/home/ada/.local/lib/python3.12/site-packages")
ISOLATED = replace(HOST, isolated=True)


def world(host: Host = ISOLATED, *, user_site: FsPath = USER, outside: str = "3.12.1") -> Facts:
    """The shell's Python has pyphi in a folder that may be its user site."""
    pyphi: Dist = replace(a_dist("pyphi"), location=USER)
    facts = a_host(beside=[pyphi], host=host, outside=outside)
    assert facts.beside is not None
    assert facts.beside.python is not None
    entry = replace(facts.beside.python.path[0], path=USER)
    python = replace(facts.beside.python, user_site=user_site, path=(*facts.beside.python.path, entry))
    return replace(facts, beside=replace(facts.beside, python=python))


def test_what_only_the_user_site_has_cannot_be_imported() -> None:
    (finding,) = isolated_host.check(Case(world()))
    assert finding.detail == "PyConfig_InitIsolatedConfig"
    assert finding.severity is Severity.WARNING
    assert finding.undecided == ("pyphi",)
    assert "isolated" in finding.message


def test_silent_where_nothing_is_hidden_by_isolation() -> None:
    assert not list(isolated_host.check(Case(world(HOST))))
    assert not list(isolated_host.check(Case(world(user_site=FsPath(SITE)))))
    assert not list(isolated_host.check(Case(world(outside="3.11.4"))))
    assert not list(isolated_host.check(Case(a_host(host=ISOLATED))))

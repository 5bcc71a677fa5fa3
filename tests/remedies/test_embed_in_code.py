"""embed-in-code names the shell's Python in the program, where that is enough to find everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from a_host import a_host
from a_venv_beside import FILES, VENV, world
from nixpydoctor.case import Case
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.remedies.embed_in_code import embed_in_code
from nixpydoctor.treatments import NotHere, Treatment


def bound(facts: Facts, binding: Literal["pyo3", "pybind11", ""]) -> Facts:
    assert facts.main.host is not None
    return replace(facts, main=replace(facts.main, host=replace(facts.main.host, binding=binding)))


def fitted(facts: Facts) -> Treatment | NotHere:
    (only,) = embed_in_code.fit(Case(facts), diagnose(facts, remedies=()).findings)
    return only


def test_a_program_with_pyo3_sets_a_variable_before_python_starts() -> None:
    treatment = fitted(bound(world(), "pyo3"))
    assert isinstance(treatment, Treatment)
    assert f'set_var("PYTHONEXECUTABLE", "{VENV}/bin/python3")' in treatment.instructions
    assert treatment.after.main.python is not None
    assert treatment.after.main.python.prefix == VENV
    assert [dist.name for dist in treatment.after.main.dists] == ["requests"]


def test_a_program_in_c_names_its_python() -> None:
    treatment = fitted(bound(world(), ""))
    assert isinstance(treatment, Treatment)
    assert f'&config.program_name, "{VENV}/bin/python3"' in treatment.instructions
    assert treatment.after.main.process.env == world().main.process.env
    assert treatment.after.main.python is not None
    assert treatment.after.main.python.prefix == VENV


def test_it_cures_what_it_is_offered_for() -> None:
    facts = bound(world(), "")
    (offer,) = (one for one in diagnose(facts).offers if one.treatment.remedy is embed_in_code)
    assert {finding.rule.id for finding in offer.cured} == {"NPD404"}


def test_before_3_11_pyo3_leaves_no_way() -> None:
    refused = fitted(bound(world("3.10", "3.10.4"), "pyo3"))
    assert isinstance(refused, NotHere)
    assert "before 3.11" in refused.why


def test_another_minor_is_no_use() -> None:
    refused = fitted(world(outside="3.11.2"))
    assert isinstance(refused, NotHere)
    assert "another minor version" in refused.why


def test_a_shell_whose_python_is_gone_is_no_place_to_go() -> None:
    facts = world()
    gone = replace(facts, disk=facts.disk.overlay({}, gone=[FsPath(path) for path in FILES if path.startswith(VENV)]))
    refused = fitted(gone)
    assert isinstance(refused, NotHere)
    assert "would not find all" in refused.why


def test_nothing_to_do_where_nothing_is_missed() -> None:
    assert isinstance(fitted(a_host()), NotHere)


def test_an_isolated_program_may_listen_to_the_users_settings() -> None:
    """Where PYTHONPATH of the shell brings what is missed."""
    site = "/opt/more/python3.12"
    facts = world(env={"PYTHONPATH": site})
    assert facts.main.host is not None
    assert facts.beside is not None
    assert facts.beside.python is not None
    entry = replace(facts.beside.python.path[0], path=FsPath(site), by="PYTHONPATH")
    dists = tuple(replace(dist, location=FsPath(site)) for dist in facts.beside.dists)
    beside = replace(facts.beside, dists=dists, python=replace(facts.beside.python, path=(entry,)))
    isolated = replace(facts.main, host=replace(facts.main.host, isolated=True))
    treatment = fitted(replace(facts, main=isolated, beside=beside))
    assert isinstance(treatment, Treatment)
    assert "PyConfig_InitPythonConfig" in treatment.instructions
    assert treatment.after.main.host is not None
    assert not treatment.after.main.host.isolated
    assert [dist.name for dist in treatment.after.main.dists] == ["requests"]

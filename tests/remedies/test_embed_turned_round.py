"""embed-turned-round leaves one world, the shell's: it cures what only the host lacked, and nothing of the shell's."""

from __future__ import annotations

from dataclasses import replace

from a_host import PROGRAM, a_host
from a_venv_beside import FILES, SITE, VENV, world
from build import FHS_INTERP, a_dist, a_source, an_object
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.remedies.embed_turned_round import embed_turned_round
from nixpydoctor.treatments import NotHere, Treatment


def fitted(facts: Facts) -> Treatment | NotHere:
    (only,) = embed_turned_round.fit(Case(facts), diagnose(facts, remedies=()).findings)
    return only


def test_the_shells_python_imports_the_programs_code() -> None:
    facts = world()
    assert facts.main.host is not None
    treatment = fitted(replace(facts, main=replace(facts.main, host=replace(facts.main.host, binding="pyo3"))))
    assert isinstance(treatment, Treatment)
    assert PROGRAM.endswith("/app")
    assert "fn app_module(" in treatment.files[0].text
    assert "--features pyo3/extension-module" in treatment.instructions
    assert f"{VENV}/bin/python3 -c 'import importlib, sys, app_module" in treatment.instructions
    assert treatment.after.main.host is None
    assert treatment.after.main == facts.beside


def test_in_cpp_it_is_a_module_of_pybind11() -> None:
    treatment = fitted(world())
    assert isinstance(treatment, Treatment)
    assert "PYBIND11_MODULE(app_module, module)" in treatment.files[0].text


def test_it_cures_what_it_is_offered_for() -> None:
    (offer,) = (one for one in diagnose(world()).offers if one.treatment.remedy is embed_turned_round)
    assert {finding.rule.id for finding in offer.cured} == {"NPD404"}


def test_not_offered_where_the_shells_python_is_broken_itself() -> None:
    """Then it would leave with an error who had a warning: the rules find out, and it is no offer."""
    facts = world()
    assert facts.beside is not None
    program = facts.beside.process.executable
    extension = FsPath(f"{SITE}/lone/core.so")
    lone = replace(a_dist("lone", extensions=[extension]), location=SITE)
    held = Disk.closed(
        [
            an_object(program, interp=FHS_INTERP),
            an_object(PROGRAM, interp=FHS_INTERP),
            an_object(extension, "libgone.so.1"),
            an_object("/usr/lib/libc.so.6", soname="libc.so.6"),
        ],
        texts=FILES,
        sources={FsPath(f"{SITE}/lone/__init__.py"): a_source("from . import core\n")},
        links={FsPath(f"{VENV}/bin/python3"): FsPath("/opt/python/bin/python3")},
    )
    dists = (*facts.beside.dists, lone)
    diagnosis = diagnose(replace(facts, disk=held, beside=replace(facts.beside, dists=dists)))
    assert all(offer.treatment.remedy is not embed_turned_round for offer in diagnosis.offers)


def test_not_where_nothing_is_missed_nor_for_a_python_nor_without_a_shell() -> None:
    facts = world()
    lost = replace(facts, beside=None)
    findings = diagnose(facts, remedies=()).findings
    (without,) = embed_turned_round.fit(Case(lost), findings)
    for refused, why in (
        (without, "no python3 in this shell"),
        (fitted(a_host()), "finds what it needs"),
        (fitted(replace(facts, main=replace(facts.main, host=None))), "does not embed Python"),
    ):
        assert isinstance(refused, NotHere)
        assert why in refused.why

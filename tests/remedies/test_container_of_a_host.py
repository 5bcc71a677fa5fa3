"""container builds a program that embeds Python in the image, for the only Python that is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from a_host import a_host
from a_venv_beside import world
from build import a_dist
from nixpydoctor.case import Case
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.remedies.container import container
from nixpydoctor.treatments import NotHere, Treatment

USERS = FsPath("/home/ada/.local/lib/python3.12/site-packages")
ORIGIN = '{"url": "https://github.com/wmayner/pyphi", "vcs_info": {"vcs": "git", "commit_id": "b78d0e34"}}'


def mixed(binding: Literal["pyo3", ""] = "pyo3") -> Facts:
    """requests is in the venv of the shell; pyphi, from a revision of a repository, in the user site."""
    facts = world()
    assert facts.main.python is not None
    assert facts.main.host is not None
    pyphi = replace(a_dist("pyphi", "1.2.1"), location=USERS)
    info = f"{USERS}/pyphi-1.2.1.dist-info"
    held = facts.disk.overlay({}, {FsPath(f"{info}/direct_url.json"): ORIGIN, FsPath(info): ""})
    python = replace(facts.main.python, user_site=USERS)
    host = replace(facts.main.host, binding=binding)
    return replace(facts, main=replace(facts.main, python=python, host=host, dists=(pyphi,)), disk=held)


def fitted(facts: Facts) -> Treatment | NotHere:
    (only,) = container.fit(Case(facts), diagnose(facts, remedies=()).findings)
    return only


def test_the_program_is_built_in_the_image() -> None:
    treatment = fitted(mixed())
    assert isinstance(treatment, Treatment)
    image, listing = treatment.files
    lines = image.text.splitlines()
    assert lines[0] == "FROM docker.io/library/python:3.12-bookworm"
    assert "RUN PYO3_PYTHON=/usr/local/bin/python3 cargo build --release" in lines
    assert lines[-1] == 'CMD ["target/release/app"]'
    assert {line.partition(" ")[0] for line in lines} <= {"FROM", "COPY", "ENV", "WORKDIR", "RUN", "CMD"}
    assert listing.text == "requests==2.3.2\npyphi @ git+https://github.com/wmayner/pyphi@b78d0e34\n"


def test_without_rust_no_rust_is_fetched() -> None:
    treatment = fitted(mixed(""))
    assert isinstance(treatment, Treatment)
    assert "rust" not in treatment.files[0].text
    assert "RUN make" in treatment.files[0].text


def test_it_cures_what_it_is_offered_for() -> None:
    (offer,) = (one for one in diagnose(mixed()).offers if one.treatment.remedy is container)
    assert {finding.rule.id for finding in offer.cured} == {"NPD404"}


def test_not_where_nothing_is_missed() -> None:
    refused = fitted(a_host())
    assert isinstance(refused, NotHere)
    assert "finds what it needs" in refused.why

"""embed-nix writes one environment for all that host and shell import, and is for hosts that lack something."""

from __future__ import annotations

import shlex
from dataclasses import replace

from a_host import a_host
from a_venv_beside import world
from build import a_dist
from nixpydoctor.case import Case
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Dist, Facts, FsPath
from nixpydoctor.remedies.embed_nix import embed_nix
from nixpydoctor.treatments import NotHere, Treatment

USERS = FsPath("/home/ada/.local/lib/python3.12/site-packages")
ORIGIN = (
    '{"url": "https://github.com/wmayner/pyphi", "vcs_info": {"vcs": "git", '
    '"commit_id": "b78d0e342d37175cbd55cf35a6d52ae035b4c50f"}}'
)


def mixed(*, nix: bool = True) -> Facts:
    """requests is in the venv of the shell alone; pyphi, from a revision of a repository, is in the user site."""
    pyphi: Dist = replace(a_dist("pyphi", "1.2.1.dev1470"), location=USERS, requires=("numpy",))
    facts = world()
    info = f"{USERS}/pyphi-1.2.1.dev1470.dist-info"
    held = facts.disk.overlay({}, {FsPath(f"{info}/direct_url.json"): ORIGIN, FsPath(info): ""})
    assert facts.main.python is not None
    python = replace(facts.main.python, user_site=USERS)
    other = replace(a_dist("other"), location=FsPath("/opt/python/lib/python3.12/site-packages"))
    main = replace(facts.main, python=python, dists=(*facts.main.dists, pyphi, other))
    return replace(facts, main=main, disk=held, platform=replace(facts.platform, nix=nix))


def fitted(facts: Facts) -> Treatment | NotHere:
    (only,) = embed_nix.fit(Case(facts), diagnose(facts, remedies=()).findings)
    return only


def test_the_environment_holds_what_each_of_both_has() -> None:
    treatment = fitted(mixed())
    assert isinstance(treatment, Treatment)
    (file,) = treatment.files
    assert "ps.requests # 2.3.2 here" in file.text
    assert 'rev = "b78d0e342d37175cbd55cf35a6d52ae035b4c50f"' in file.text
    assert "env = python.withPackages" in file.text
    assert "other" not in file.text, "what the Python inside came with is nobody's wish"
    assert "unset PYTHONPATH" in file.text
    assert "PYO3_PYTHON" not in file.text


def test_a_program_with_pyo3_is_built_with_that_environment() -> None:
    facts = mixed()
    assert facts.main.host is not None
    pyo3 = replace(facts, main=replace(facts.main, host=replace(facts.main.host, binding="pyo3")))
    treatment = fitted(pyo3)
    assert isinstance(treatment, Treatment)
    assert 'PYO3_PYTHON = "${env}/bin/python3";' in treatment.files[0].text
    assert "cargo build --release" in treatment.instructions


def test_the_program_is_one_word_inside_of_the_shell_that_is_told_to_start_it() -> None:
    """nix-shell hands what follows `--run` to a shell again."""
    facts = mixed()
    process = replace(facts.main.process, executable=FsPath("/opt/my app/$(id)"))
    treatment = fitted(replace(facts, main=replace(facts.main, process=process)))
    assert isinstance(treatment, Treatment)
    line = next(line for line in treatment.instructions.splitlines() if line.startswith("$ nix-shell"))
    assert shlex.split(shlex.split(line)[-1]) == ["/opt/my app/$(id)"]


def test_it_cures_what_it_is_offered_for() -> None:
    (offer,) = (one for one in diagnose(mixed()).offers if one.treatment.remedy is embed_nix)
    assert {finding.rule.id for finding in offer.cured} == {"NPD404"}
    assert offer.treatment.basis == "assumed"


def test_not_without_nix_nor_where_nothing_is_missed_nor_for_a_python() -> None:
    for facts, why in (
        (mixed(nix=False), "no Nix store"),
        (a_host(), "finds what it needs"),
        (replace(mixed(), main=replace(mixed().main, host=None)), "does not embed Python"),
    ):
        refused = fitted(facts)
        assert isinstance(refused, NotHere)
        assert why in refused.why


def test_nothing_to_bring() -> None:
    facts = mixed()
    assert facts.beside is not None
    none = replace(facts, main=replace(facts.main, dists=()), beside=replace(facts.beside, dists=()))
    (refused,) = embed_nix.fit(Case(none), diagnose(mixed(), remedies=()).findings)
    assert isinstance(refused, NotHere)
    assert "nothing is installed here" in refused.why

"""embed-path finds the one variable that makes both worlds equal, by predicting what each would do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from a_host import HOST, LIBPYTHON, PROGRAM, a_host
from a_venv_beside import FILES, SITE, USERS, VENV, world
from build import FHS_INTERP, a_dist, a_glibc, a_source, an_object
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import Diagnosis, diagnose
from nixpydoctor.facts import Facts, FsPath, PathEntry
from nixpydoctor.remedies.embed_path import embed_path
from nixpydoctor.treatments import NotHere, Treatment


def fitted(facts: Facts) -> Treatment | NotHere:
    diagnosis: Diagnosis = diagnose(facts, remedies=())
    (only,) = embed_path.fit(Case(facts), diagnosis.findings)
    return only


def test_since_3_11_one_variable_names_the_venv() -> None:
    treatment = fitted(world())
    assert isinstance(treatment, Treatment)
    assert f"PYTHONEXECUTABLE={VENV}/bin/python3 " in treatment.instructions
    assert treatment.after.main.python is not None
    assert treatment.after.main.python.prefix == VENV
    assert [dist.name for dist in treatment.after.main.dists] == ["requests"]


def test_before_3_11_path_has_to_lead_there() -> None:
    old = {FsPath(path.replace("3.12", "3.10")): text for path, text in FILES.items()}
    facts = world("3.10", "3.10.4")
    assert facts.beside is not None
    assert facts.beside.python is not None
    site = FsPath(SITE.replace("3.12", "3.10"))
    shell = replace(facts.beside.python, path=(PathEntry(site, "venv"),))
    dists = tuple(replace(dist, location=site) for dist in facts.beside.dists)
    treatment = fitted(
        replace(facts, beside=replace(facts.beside, python=shell, dists=dists), disk=Disk.closed(texts=old))
    )
    assert isinstance(treatment, Treatment)
    assert f"PATH={VENV}/bin:/usr/bin " in treatment.instructions


def test_a_python_of_nix_takes_the_variable_of_its_wrappers() -> None:
    """Where no python3 leads there: the folders go to nixpkgs' start-up file, and to no child."""
    prefix = "/nix/store/1pyaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.10.4"
    package = FsPath("/nix/store/2npaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3.10-requests/lib/python3.10/site-packages")
    texts = {
        f"{prefix}/lib/python3.10/os.py": "",
        f"{prefix}/lib/python3.10/site-packages/sitecustomize.py": 'os.environ.pop("NIX_PYTHONPATH", None)\n',
        f"{package}/requests/__init__.py": "",
    }
    facts = world("3.10", "3.10.4")
    assert facts.beside is not None
    assert facts.beside.python is not None
    assert facts.main.host is not None
    shell = replace(facts.beside.python, command=FsPath("/shell/python"), path=(PathEntry(package, "nix-env"),))
    dists = tuple(replace(dist, location=package) for dist in facts.beside.dists)
    main = replace(facts.main, host=replace(facts.main.host, prefix=FsPath(prefix)))
    beside = replace(facts.beside, dists=dists, python=shell, venv=None)
    disk = Disk.closed(texts={FsPath(path): text for path, text in texts.items()})
    treatment = fitted(replace(facts, main=main, beside=beside, disk=disk))
    assert isinstance(treatment, Treatment)
    assert f"NIX_PYTHONPATH={package} " in treatment.instructions
    assert [dist.name for dist in treatment.after.main.dists] == ["requests"]


def test_the_doctor_offers_it_because_it_cures() -> None:
    (best, *_) = diagnose(world()).offers
    assert best.treatment.remedy is embed_path
    assert {finding.rule.id for finding in best.cured} == {"NPD404"}


def test_between_two_minors_no_variable_helps() -> None:
    refused = fitted(world(outside="3.11.9"))
    assert isinstance(refused, NotHere)
    assert "another minor version" in refused.why


@pytest.mark.parametrize("hostile", ["/home/ada/it's/.venv", "/home/ada/${pkgs}/.venv", "/home/ada/a b/.venv"])
def test_a_path_with_signs_of_the_shell_or_of_nix_stays_a_path(hostile: str) -> None:
    facts = world()
    assert facts.beside is not None
    assert facts.beside.python is not None
    shell = replace(facts.beside.python, command=FsPath(f"{hostile}/bin/python3"))
    site = FsPath(f"{hostile}/lib/python3.12/site-packages")
    dists = tuple(replace(dist, location=site) for dist in facts.beside.dists)
    texts = {FsPath(path.replace(VENV, hostile)): text for path, text in FILES.items()}
    treatment = fitted(
        replace(facts, beside=replace(facts.beside, python=shell, dists=dists), disk=Disk.closed(texts=texts))
    )
    assert isinstance(treatment, Treatment)
    assert "PYTHONEXECUTABLE='" in treatment.instructions
    assert "''${pkgs}" in treatment.instructions or "${" not in hostile


def test_a_libpython_that_only_the_shells_python_has_is_named() -> None:
    library = FsPath("/opt/python/lib/libpython3.12.so.1.0")
    facts = world()
    assert facts.beside is not None
    assert facts.beside.python is not None
    shell = replace(facts.beside.python, base_prefix=FsPath("/opt/python"))
    lost = a_host(host=replace(HOST, library=None), needed=("libpython3.12.so.1.0",), env={"PATH": "/usr/bin"})
    objects = [
        an_object(library, soname="libpython3.12.so.1.0"),
        *[found for found in [Case(lost).executable] if found],
    ]
    treatment = fitted(
        replace(lost, beside=replace(facts.beside, python=shell), disk=Disk.closed(objects, texts=FILES))
    )
    assert isinstance(treatment, Treatment)
    assert "LD_LIBRARY_PATH=/opt/python/lib " in treatment.instructions
    assert treatment.after.main.host is not None
    assert treatment.after.main.host.library == library


def test_silent_for_what_embeds_nothing() -> None:
    plain = world()
    refused = fitted(replace(plain, main=replace(plain.main, host=None)))
    assert isinstance(refused, NotHere)


def test_a_broken_distribution_gives_way_to_the_shells_own() -> None:
    """Both have requests; the program's cannot be loaded, and the shell takes it from its venv."""
    broken = an_object(f"{USERS}/requests/_core.abi3.so", "libgone.so.1")
    inside = replace(a_dist("requests", extensions=["requests/_core.abi3.so"]), location=USERS)
    inside = replace(inside, extensions=(broken.path,))
    facts = world("3.12", env={"PYTHONPATH": USERS})
    assert facts.main.python is not None
    python = replace(facts.main.python, path=(PathEntry(USERS, "project", by="PYTHONPATH"),))
    sources = {FsPath(f"{USERS}/requests/__init__.py"): a_source("from requests import _core\n")}
    links = {FsPath(f"{VENV}/bin/python3"): FsPath("/opt/python/bin/python3")}
    libc = [replace(one, path=FsPath(one.path.replace("/glibc/", "/usr/"))) for one in a_glibc("/glibc", "2.36")]
    program = an_object(PROGRAM, "libpython3.12.so.1.0", "libc.so.6", interp=FHS_INTERP, runpath="/opt/python/lib")
    started = [*libc, program, an_object(LIBPYTHON, soname="libpython3.12.so.1.0")]
    disk = Disk.closed([broken, *started], sources=sources, texts=FILES, links=links)
    both = replace(facts, main=replace(facts.main, python=python, dists=(inside,)), disk=disk)
    treatment = fitted(both)
    assert isinstance(treatment, Treatment)
    assert f"PYTHONPATH={SITE}:{USERS} " in treatment.instructions

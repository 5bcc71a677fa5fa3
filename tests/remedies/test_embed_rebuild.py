"""embed-rebuild gives the host the shell's Python, where that one has a libpython to link."""

from __future__ import annotations

from dataclasses import replace

from a_host import HOST, a_host
from build import a_dist, an_object
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath, PathEntry
from nixpydoctor.remedies.embed_rebuild import embed_rebuild
from nixpydoctor.treatments import NotHere, Treatment

PREFIX = FsPath("/opt/py311")
LIBRARY = FsPath(f"{PREFIX}/lib/libpython3.11.so.1.0")
SITE = FsPath(f"{PREFIX}/lib/python3.11/site-packages")


def world(*, shared: bool = True, binding: bool = True) -> Facts:
    """The host embeds 3.12; the shell's Python is 3.11, with numpy in its own site-packages."""
    numpy = replace(a_dist("numpy"), location=SITE)
    host = replace(HOST, binding="pyo3" if binding else "")
    told = a_host(beside=[numpy], outside="3.11.7", host=host, env={"PATH": f"{PREFIX}/bin"})
    assert told.beside is not None
    assert told.beside.python is not None
    shell = replace(
        told.beside.python,
        command=FsPath(f"{PREFIX}/bin/python3"),
        prefix=PREFIX,
        base_prefix=PREFIX,
        suffixes=(".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".so"),
        path=(PathEntry(SITE, "standalone"),),
    )
    files = {f"{PREFIX}/lib/python3.11/os.py": "", f"{PREFIX}/bin/python3": "", f"{SITE}/numpy/__init__.py": ""}
    texts = {FsPath(path): text for path, text in files.items()}
    objects = [an_object(LIBRARY, soname=LIBRARY.rpartition("/")[2])] if shared else []
    return replace(told, beside=replace(told.beside, python=shell), disk=Disk.closed(objects, texts=texts))


def fitted(facts: Facts) -> Treatment | NotHere:
    (only,) = embed_rebuild.fit(Case(facts), diagnose(facts, remedies=()).findings)
    return only


def test_the_rebuilt_program_sees_what_the_shell_sees() -> None:
    treatment = fitted(world())
    assert isinstance(treatment, Treatment)
    assert treatment.basis == "assumed"
    assert "PYO3_PYTHON=/opt/py311/bin/python3" in treatment.instructions
    main = treatment.after.main
    assert main.python is not None
    assert (main.python.version, main.python.prefix) == ("3.11", PREFIX)
    assert [dist.name for dist in main.dists] == ["numpy"]


def test_the_doctor_offers_it_because_it_cures() -> None:
    offers = diagnose(world()).offers
    assert [offer.treatment.remedy for offer in offers] == [embed_rebuild]
    assert {finding.rule.id for finding in offers[0].cured} == {"NPD402"}


def test_a_host_that_is_not_pyo3_gets_the_compilers_flags() -> None:
    treatment = fitted(world(binding=False))
    assert isinstance(treatment, Treatment)
    assert "/opt/py311/bin/python3-config --embed" in treatment.instructions


def test_a_static_python_cannot_be_linked() -> None:
    refused = fitted(world(shared=False))
    assert isinstance(refused, NotHere)
    assert "no shared libpython" in refused.why


def test_nothing_to_rebuild_where_both_are_alike() -> None:
    facts = a_host()
    (only,) = embed_rebuild.fit(Case(facts), diagnose(facts, remedies=()).findings)
    assert isinstance(only, NotHere)

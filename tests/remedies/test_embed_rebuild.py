"""embed-rebuild gives the host the shell's Python, where that one has a libpython to link."""

from __future__ import annotations

from dataclasses import replace

from a_host import HOST, LIBPYTHON, PROGRAM, a_host
from build import (
    FHS_INTERP,
    GLIBC,
    STORE_INTERP,
    STORE_PYTHON,
    a_dist,
    a_glibc,
    a_source,
    an_object,
    store_loader,
)
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath, PathEntry, Process, World, parent
from nixpydoctor.remedies.embed_rebuild import embed_rebuild
from nixpydoctor.treatments import NotHere, Treatment

PREFIX = FsPath("/opt/py311")


def world(*, shared: bool = True, binding: bool = True, prefix: FsPath = PREFIX) -> Facts:
    """The host embeds 3.12; the shell's Python is 3.11, with numpy in its own site-packages."""
    library, site = FsPath(f"{prefix}/lib/libpython3.11.so.1.0"), FsPath(f"{prefix}/lib/python3.11/site-packages")
    numpy = replace(a_dist("numpy"), location=site)
    host = replace(HOST, binding="pyo3" if binding else "")
    told = a_host(beside=[numpy], outside="3.11.7", host=host, env={"PATH": f"{prefix}/bin"})
    assert told.beside is not None
    assert told.beside.python is not None
    shell = replace(
        told.beside.python,
        command=FsPath(f"{prefix}/bin/python3"),
        prefix=prefix,
        base_prefix=prefix,
        suffixes=(".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".so"),
        path=(PathEntry(site, "standalone"),),
    )
    files = {f"{prefix}/lib/python3.11/os.py": "", f"{prefix}/bin/python3": "", f"{site}/numpy/__init__.py": ""}
    texts = {FsPath(path): text for path, text in files.items()}
    objects = [an_object(library, soname=library.rpartition("/")[2])] if shared else []
    return replace(told, beside=replace(told.beside, python=shell), disk=Disk.closed(objects, texts=texts))


def fitted(facts: Facts) -> Treatment | NotHere:
    (only,) = embed_rebuild.fit(Case(facts), diagnose(facts, remedies=()).findings)
    return only


def test_a_folder_of_any_name_is_no_command() -> None:
    """Inside of double quotes the shell would still run `$(…)`."""
    plain, odd = fitted(world()), fitted(world(prefix=FsPath("/opt/$(touch y)")))
    assert isinstance(plain, Treatment)
    assert isinstance(odd, Treatment)
    assert 'RUSTFLAGS="-C link-arg=-Wl,-rpath,/opt/py311/lib" cargo' in plain.instructions
    assert "RUSTFLAGS='-C link-arg=-Wl,-rpath,/opt/$(touch y)/lib' cargo" in odd.instructions


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
    assert offers[0].treatment.remedy is embed_rebuild
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


def test_a_compiler_of_nix_gives_the_program_the_c_library_that_numpy_wants() -> None:
    """Same minor; the store's numpy wants more than the distribution's C library has."""
    store, site = FsPath(parent(parent(STORE_PYTHON))), FsPath(f"{parent(parent(STORE_PYTHON))}/lib/site-packages")
    core = an_object(f"{site}/numpy/_core.abi3.so", "libc.so.6", wants=[("libc.so.6", "GLIBC_2.40")])
    numpy = replace(a_dist("numpy"), location=site, extensions=(core.path,))
    told = a_host(numpy, env={"PATH": f"{store}/bin", "PYTHONPATH": site})
    assert told.main.python is not None
    older = [replace(one, path=FsPath(one.path.replace("/glibc/", "/usr/"))) for one in a_glibc("/glibc", "2.36")]
    disk = Disk.closed(
        [
            *a_glibc(GLIBC, "2.40"),
            *older,
            core,
            an_object(PROGRAM, "libpython3.12.so.1.0", "libc.so.6", interp=FHS_INTERP, runpath="/opt/python/lib"),
            an_object(LIBPYTHON, soname="libpython3.12.so.1.0"),
            an_object(f"{store}/lib/libpython3.12.so.1.0", soname="libpython3.12.so.1.0"),
        ],
        sources={FsPath(f"{site}/numpy/__init__.py"): a_source("from numpy import _core\n")},
        texts={FsPath(f"{store}/lib/python3.12/os.py"): "", FsPath(f"{store}/bin/python3"): ""},
    )
    inside = replace(told.main.python, path=(PathEntry(site, "project", by="PYTHONPATH"),))
    shell = replace(inside, command=FsPath(f"{store}/bin/python3"), prefix=store, base_prefix=store)
    beside = World(Process(STORE_PYTHON, STORE_INTERP, store_loader(), {}), shell, None, (numpy,))
    facts = replace(told, main=replace(told.main, python=inside), beside=beside, disk=disk)
    (offer,) = (one for one in diagnose(facts).offers if one.treatment.remedy is embed_rebuild)
    assert {finding.rule.id for finding in offer.cured} == {"NPD105"}
    assert "nix-shell -p cargo rustc" in offer.treatment.instructions
    assert offer.treatment.after.main.process.interp == STORE_INTERP


def test_variables_that_stand_before_pyo3_python_are_out_of_the_way() -> None:
    facts = world()
    env = {**facts.main.process.env, "PYO3_CONFIG_FILE": "/x", "PYO3_NO_PYTHON": "1"}
    told = replace(facts, main=replace(facts.main, process=replace(facts.main.process, env=env)))
    treatment = fitted(told)
    assert isinstance(treatment, Treatment)
    assert "env -u PYO3_CONFIG_FILE -u PYO3_NO_PYTHON PYO3_PYTHON=/opt/py311/bin/python3" in treatment.instructions

"""NPD410 speaks where an extension gets a host's library in the place of its own."""

from __future__ import annotations

from a_host import a_host
from build import SITE, a_dist, an_object
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.findings import Severity
from nixpydoctor.loader.trace import Resolution
from nixpydoctor.rules.host_brings_library import host_brings_library

EXTENSION = FsPath(f"{SITE}/numpy/core.so")
HOSTS, OWN = "/opt/python/lib/libstdc++.so.6", "/opt/gcc/lib/libstdc++.so.6"


def world(runpath: str, *needed: str) -> Facts:
    """The program's run path leads to one, the extension's to another."""
    objects = [
        an_object(EXTENSION, "libstdc++.so.6", runpath=runpath),
        an_object(HOSTS, soname="libstdc++.so.6"),
        an_object(OWN, soname="libstdc++.so.6"),
    ]
    dist = a_dist("numpy", extensions=[EXTENSION])
    return a_host(dist, beside=[dist], objects=objects, needed=("libpython3.12.so.1.0", *needed, "libc.so.6"))


def test_an_extension_gets_what_the_program_brings() -> None:
    (finding,) = host_brings_library.check(Case(world("/opt/gcc/lib", "libstdc++.so.6")))
    assert finding.severity is Severity.NOTE
    assert finding.detail == "libstdc++.so.6"
    assert "numpy" in finding.message
    found = [step.found.path for step in finding.evidence if isinstance(step, Resolution) and step.found is not None]
    assert found == [HOSTS, OWN]


def test_silent_where_both_are_one_file_or_the_program_brings_none() -> None:
    assert not list(host_brings_library.check(Case(world("/opt/python/lib", "libstdc++.so.6"))))
    assert not list(host_brings_library.check(Case(world("/opt/gcc/lib"))))

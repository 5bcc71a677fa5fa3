"""NPD608 speaks where a variable puts another library in front, and where nobody hears it."""

from __future__ import annotations

from a_mac import PYTHON, a_mac, a_mac_dist, an_extension, an_image
from nixpydoctor.case import Case
from nixpydoctor.darwin import EXECUTE, Signature
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.findings import Severity
from nixpydoctor.light import replace
from nixpydoctor.rules.dyld_variable import dyld_variable

EXT = "pandas.cpython-312-darwin.so"
MEANT = "/usr/lib/libiconv.2.dylib"
OTHER = "/nix/store/5icaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-libiconv-109/lib/libiconv.2.dylib"


def world(needed: str, folder: str | None, *, hardened: bool = False) -> Facts:
    env = {"DYLD_LIBRARY_PATH": folder} if folder else {}
    told = a_mac(a_mac_dist("pandas", EXT), images=[an_extension(EXT, needed), an_image(OTHER)], env=env)
    if not hardened:
        return told
    python = an_image(PYTHON, kind=EXECUTE, signature=Signature("kept", hardened=True))
    return replace(told, disk=told.disk.overlay({}, slices={PYTHON: (python,)}))


FOLDER = OTHER.rpartition("/")[0]


def test_a_folder_with_a_library_of_the_systems_name() -> None:
    (finding,) = dyld_variable.check(Case(world(MEANT, FOLDER)))
    assert (finding.severity, finding.detail) == (Severity.WARNING, "libiconv.2.dylib")
    assert finding.message == f"DYLD_LIBRARY_PATH puts {OTHER} in front of {MEANT}"


def test_silent_where_the_variable_finds_what_nothing_else_does() -> None:
    assert not list(dyld_variable.check(Case(world("@rpath/libiconv.2.dylib", FOLDER))))


def test_silent_where_nothing_is_set() -> None:
    assert not list(dyld_variable.check(Case(world(MEANT, None))))


def test_the_hardened_runtime_does_not_hear_it() -> None:
    (finding,) = dyld_variable.check(Case(world(MEANT, "/nowhere", hardened=True)))
    assert (finding.severity, finding.detail) == (Severity.NOTE, "hardened")


def test_an_entitlement_lets_the_hardened_runtime_hear_it() -> None:
    told = world(MEANT, FOLDER)
    python = an_image(PYTHON, kind=EXECUTE, signature=Signature("kept", hardened=True, listens=True))
    told = replace(told, disk=told.disk.overlay({}, slices={PYTHON: (python,)}))
    assert [finding.severity for finding in dyld_variable.check(Case(told))] == [Severity.WARNING]


def test_the_systems_own_python_does_not_hear_it_and_is_modelled_so() -> None:
    """SIP drops the variable when /usr/bin/python3 is started: the library comes from where it would without."""
    told = world(MEANT, FOLDER)
    system = FsPath("/usr/bin/python3")
    disk = told.disk.overlay({}, slices={system: (an_image(system, kind=EXECUTE),)})
    process = replace(told.main.process, executable=system)
    case = Case(replace(told, disk=disk, main=replace(told.main, process=process)))
    (finding,) = dyld_variable.check(case)
    assert (finding.severity, finding.detail) == (Severity.NOTE, "protected")
    (extension,) = case.extensions
    assert [one.found.path for one in case.trace(extension).resolutions if one.needed == MEANT and one.found] == [MEANT]

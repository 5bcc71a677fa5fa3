"""Pythons of macOS as their installers lay them out, below a root: where each looks, and whose each folder is."""

from __future__ import annotations

from pathlib import Path

import pytest

from macho_bytes import DYLIB, EXECUTE, Slice
from nixpydoctor.case import Case
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts
from nixpydoctor.files import Files
from nixpydoctor.loader.images import deaf
from nixpydoctor.probes.mac import Mac
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import find

SUFFIX = ".cpython-312-darwin.so"
FRAMEWORK = "/Library/Frameworks/Python.framework/Versions/3.12"
CELLAR = "/opt/homebrew/Cellar/python@3.12/3.12.7/Frameworks/Python.framework/Versions/3.12"
STORE = "/nix/store/1pyaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.8"
APP = "Resources/Python.app/Contents/MacOS/Python"


class Mac12:
    """A Mac's disk with one Python, and what is added to it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, path: str, data: bytes | str = b"") -> Path:
        place = self.root / path[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data.encode() if isinstance(data, str) else data)
        return place

    def link(self, path: str, says: str) -> None:
        (self.root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path[1:]).symlink_to(says)

    def program(self, path: str, *needed: str, rpaths: tuple[str, ...] = ()) -> None:
        made = Slice(kind=EXECUTE, signed=True, needed=(*needed, "/usr/lib/libSystem.B.dylib"), rpaths=rpaths)
        self.put(path, made.build()).chmod(0o755)

    def python(self, prefix: str, *needed: str, rpaths: tuple[str, ...] = ()) -> None:
        """The program and its standard library."""
        self.program(f"{prefix}/bin/python3.12", *needed, rpaths=rpaths)
        self.link(f"{prefix}/bin/python3", "python3.12")
        for file in ("os.py", "site.py", f"lib-dynload/_bisect{SUFFIX}"):
            data = Slice(signed=True).build() if file.endswith(".so") else b""
            self.put(f"{prefix}/lib/python3.12/{file}", data)
        (self.root / f"{prefix}/lib/python3.12/site-packages"[1:]).mkdir()

    def dist(self, site: str, *needed: str) -> None:
        """A distribution whose extension needs these."""
        self.put(f"{site}/demo-1.0.dist-info/METADATA", "Name: demo\nVersion: 1.0\n")
        self.put(f"{site}/demo.cpython-312-darwin.so", Slice(signed=True, needed=needed).build())

    def venv(self, home: str) -> str:
        self.put("/Users/ada/app/.venv/pyvenv.cfg", f"home = {home}\nversion = 3.12.8\n")
        self.link("/Users/ada/app/.venv/bin/python", f"{home}/python3.12")
        site = "/Users/ada/app/.venv/lib/python3.12/site-packages"
        (self.root / site[1:]).mkdir(parents=True)
        return site

    def seen(self, target: str) -> Facts:
        files = Files(str(self.root))
        environ = {"HOME": "/Users/ada"}
        return survey(find(target, environ, "/", files=files), environ, files=files, mac=Mac("15.4", "arm64"))

    def errors(self, target: str) -> list[tuple[str, str]]:
        found = diagnose(self.seen(target), remedies=()).findings
        return [(one.rule.id, one.detail) for one in found if one.severity.name == "ERROR"]


@pytest.fixture
def mac(tmp_path: Path) -> Mac12:
    return Mac12(tmp_path / "disk")


def paths(facts: Facts) -> list[str]:
    assert facts.main.python is not None
    return [entry.path for entry in facts.main.python.path]


def a_framework(mac: Mac12, prefix: str) -> None:
    mac.python(prefix, f"{prefix}/Python")
    mac.put(f"{prefix}/Python", Slice(kind=DYLIB, signed=True, id=f"{prefix}/Python").build())
    mac.program(f"{prefix}/{APP}", f"{prefix}/Python")


def test_a_framework_runs_the_program_in_its_bundle(mac: Mac12) -> None:
    """`@executable_path` is the bundle's folder, and the user site lies in ~/Library."""
    a_framework(mac, FRAMEWORK)
    user = "/Users/ada/Library/Python/3.12/lib/python/site-packages"
    mac.dist(user, "@executable_path/libbeside.dylib")
    mac.put(f"{FRAMEWORK}/{APP.rpartition('/')[0]}/libbeside.dylib", Slice(kind=DYLIB, signed=True, id="/x").build())
    facts = mac.seen(f"{FRAMEWORK}/bin/python3")
    assert facts.main.process.executable == f"{FRAMEWORK}/{APP}"
    assert facts.main.python is not None
    assert facts.main.python.user_site == user
    assert user in paths(facts)
    assert facts.main.python.prefix == FRAMEWORK
    assert {entry.provider for entry in facts.main.python.path} == {"standalone", "user"}
    assert mac.errors(f"{FRAMEWORK}/bin/python3") == []


def test_a_venv_of_a_framework_has_its_base_and_not_its_user_site(mac: Mac12) -> None:
    a_framework(mac, FRAMEWORK)
    mac.dist("/Users/ada/Library/Python/3.12/lib/python/site-packages")
    site = mac.venv(f"{FRAMEWORK}/bin")
    mac.dist(site, f"{FRAMEWORK}/Python")
    facts = mac.seen("/Users/ada/app/.venv")
    assert facts.main.process.executable == f"{FRAMEWORK}/{APP}"
    assert paths(facts)[-1] == site
    assert "/Users/ada/Library/Python/3.12/lib/python/site-packages" not in paths(facts)
    assert [one.rule.id for one in diagnose(facts, remedies=()).findings if one.dist == "demo"] == [], (
        "its own libpython"
    )


def test_homebrew_is_a_framework_behind_links(mac: Mac12) -> None:
    """`opt/python@3.12` and `bin` link into the Cellar; site-packages lies in the prefix that upgrades leave alone."""
    a_framework(mac, CELLAR)
    mac.link("/opt/homebrew/opt/python@3.12", "../Cellar/python@3.12/3.12.7")
    mac.link(
        "/opt/homebrew/Cellar/python@3.12/3.12.7/bin/python3.12",
        "../Frameworks/Python.framework/Versions/3.12/bin/python3.12",
    )
    mac.link("/opt/homebrew/bin/python3.12", "../Cellar/python@3.12/3.12.7/bin/python3.12")
    (mac.root / f"{CELLAR}/lib/python3.12/site-packages"[1:]).rmdir()
    mac.link(f"{CELLAR}/lib/python3.12/site-packages", "/opt/homebrew/lib/python3.12/site-packages")
    mac.dist("/opt/homebrew/lib/python3.12/site-packages", "/opt/homebrew/opt/libomp/lib/libomp.dylib")
    facts = mac.seen("/opt/homebrew/bin/python3.12")
    assert facts.main.process.executable == f"{CELLAR}/{APP}"
    assert [dist.name for dist in facts.main.dists if dist.name != "python"] == ["demo"]
    assert mac.errors("/opt/homebrew/bin/python3.12") == [("NPD101", "/opt/homebrew/opt/libomp/lib/libomp.dylib")]


def test_nix_darwin_leads_through_its_profile_into_the_store(mac: Mac12) -> None:
    mac.python(STORE, f"{STORE}/lib/libpython3.12.dylib")
    mac.put(
        f"{STORE}/lib/libpython3.12.dylib",
        Slice(kind=DYLIB, signed=True, id=f"{STORE}/lib/libpython3.12.dylib").build(),
    )
    system = "/nix/store/2syaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-darwin-system-25.05"
    mac.link("/run/current-system", system)
    mac.link(f"{system}/sw", "/nix/store/3paaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-system-path")
    mac.link("/nix/store/3paaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-system-path/bin/python3.12", f"{STORE}/bin/python3.12")
    site = mac.venv("/run/current-system/sw/bin")
    mac.dist(site, f"{STORE}/lib/libpython3.12.dylib")
    facts = mac.seen("/Users/ada/app/.venv")
    assert facts.main.process.executable == f"{STORE}/bin/python3.12"
    assert (facts.platform.system, facts.platform.nix) == ("darwin", True)
    assert facts.main.python is not None
    assert {entry.provider for entry in facts.main.python.path} >= {"nix", "venv"}
    assert "NPD407" not in {one.rule.id for one in diagnose(facts, remedies=()).findings}, "its own libpython"
    assert mac.errors("/Users/ada/app/.venv") == []


def test_conda_lends_its_programs_search_path_to_everybody(mac: Mac12) -> None:
    """Its python carries an LC_RPATH, which counts for extensions that have none."""
    prefix = "/opt/miniconda3"
    mac.python(prefix, rpaths=("@loader_path/../lib",))
    mac.put(f"{prefix}/conda-meta/history")
    mac.dist(f"{prefix}/lib/python3.12/site-packages", "@rpath/libmkl_rt.2.dylib", "@rpath/libgone.dylib")
    mac.put(f"{prefix}/lib/libmkl_rt.2.dylib", Slice(kind=DYLIB, signed=True, id="@rpath/libmkl_rt.2.dylib").build())
    facts = mac.seen(prefix)
    assert facts.main.python is not None
    assert {entry.provider for entry in facts.main.python.path} == {"conda"}
    case = Case(facts)
    (extension,) = [path for path in case.extensions if "demo" in path]
    assert [search.needed for search in case.missing(extension)] == ["@rpath/libgone.dylib"]


def test_the_systems_own_python_is_protected(mac: Mac12) -> None:
    """SIP: whatever DYLD_ variable is set, /usr/bin/python3 and what it loads do not see it."""
    mac.python("/usr")
    facts = mac.seen("/usr/bin/python3")
    assert deaf(facts.main.process, facts.disk) == "is one of the system's own programs"

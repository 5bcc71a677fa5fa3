"""The import model and the target's own `find_spec` agree on every top-level name, healthy or hostile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from oracle.names import judged, surveyed
from probes.making import extension, pythons

BASE = {"PATH": os.defpath}
SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")

SOME = list(dict.fromkeys([pythons()[0], *pythons()[-1:], *[path for path in pythons() if "/3.8" in path]]))
"""This Python, the newest and an old one."""


@pytest.mark.parametrize("python", [path for path in [*pythons(), "/usr/bin/python3"] if os.path.exists(path)])
def test_a_python_as_it_is(python: str) -> None:
    outcome = judged(surveyed(python, BASE), BASE)
    assert outcome.found > 200
    assert outcome.wrong == []


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """An empty venv of each Python, made once, to be copied."""

    @cache
    def made(python: str) -> Path:
        root = tmp_path_factory.mktemp("blank") / "venv"
        subprocess.run([python, "-m", "venv", "--without-pip", root], check=True, env=BASE)
        return root

    return made


def write(root: Path, *files: str, text: str = "") -> Path:
    """Files below `root`, all with the same text."""
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def compiled(site: Path) -> str:
    """A module's bytecode as this site folder's own Python writes it."""
    source = write(site.parent, "compiled.py") / "compiled.py"
    command = [str(site.parents[2] / "bin/python"), "-c", f"import py_compile as c; print(c.compile({str(source)!r}))"]
    child = subprocess.run(command, check=True, capture_output=True, text=True, env=BASE)
    return child.stdout.strip()


def packages_modules_and_namespaces_of_one_name(root: Path, site: Path) -> Mapping[str, str]:
    write(root / "a", "one.py", "two/__init__.py", "three/inner.py", "four/inner.py", "five.py", "six/x.py")
    write(root / "b", "one/__init__.py", "two.py", "three/other.py", "four.py", "five/x.py", "six/y.py")
    write(site, "one.py", "three.py", "five/__init__.py", "six/z.py")
    return {"PYTHONPATH": f"{root}/a:{root}/b"}


def compiled_sources_and_folders_of_one_name(root: Path, site: Path) -> Mapping[str, str]:
    place = write(root / "a", "one.py", "two/__init__.py", "three/x.py", "four.py", "five/x.py")
    for name in (f"one{SUFFIX}", "two.abi3.so", "three.so", "four.abi3.so", "four.so", "five.cpython-35m-none.so"):
        shutil.copy(extension(), place / name)
    shutil.copy(extension(), write(place / "six", "x.py") / f"__init__{SUFFIX}")
    return {"PYTHONPATH": str(place)}


def archives(root: Path, site: Path) -> Mapping[str, str]:
    with zipfile.ZipFile(write(root, "x") / "all.zip", "w") as file:
        for name in ("one.py", "two/__init__.py", "two.py", "four/x.py", "deep/down/five.py", "six.so"):
            file.writestr(name, "")
        file.write(compiled(site), "three.pyc")
        file.writestr("seven/", "")
        file.writestr("seven/x.py", "")
    (root / "broken.zip").write_bytes(b"PK\x03\x04 nothing")
    write(site, "one.py", "four/y.py", "seven/y.py", "eight.py")
    (site / "archive.pth").write_text(f"{root}/all.zip\n{root}/all.zip/deep/down\n{root}/broken.zip\n")
    return {"PYTHONPATH": f"{root}/all.zip:{root}/all.zip/deep:{root}/none.zip"}


def pth_files(root: Path, site: Path) -> Mapping[str, str]:
    for name in ("absolute", "twice", "bom", "crlf", "spaced", "hidden", "after"):
        write(root / name, f"from_{name}.py")
    write(site, "relative/from_relative.py", "ran.py")
    lines = f"# {root}/missing\n\n{root}/absolute\nrelative\n{root}/missing\n{root}/twice\n{root}/twice\n../gone\n"
    (site / "a.pth").write_text(
        lines + f"import ran\nimport\tran\n{root}/spaced   \nimport nothing_here\n{root}/after\n"
    )
    (site / "b.pth").write_bytes(b"\xef\xbb\xbf" + f"{root}/bom\n".encode())
    (site / "c.pth").write_bytes(f"{root}/crlf\r\nrelative\r\n".encode())
    (site / ".d.pth").write_text(f"{root}/hidden\n")
    return {}


def links(root: Path, site: Path) -> Mapping[str, str]:
    write(root / "real", "one.py", "two/__init__.py")
    (site / "gone.py").symlink_to(root / "nowhere.py")
    (site / "one.py").symlink_to(root / "real" / "one.py")
    (site / "two").symlink_to(root / "real" / "two")
    (site / "round").symlink_to(site / "round")
    (site / "lost").symlink_to(root / "lost")
    write(site / "half").mkdir()
    (site / "half" / "__init__.py").symlink_to(root / "nowhere.py")
    (root / "link").symlink_to(root / "real")
    return {"PYTHONPATH": f"{root}/link:{root}/nowhere"}


def folders_named_as_files(root: Path, site: Path) -> Mapping[str, str]:
    (site / "one.py").mkdir()
    (site / f"two{SUFFIX}").mkdir()
    write(site, "three/__init__.py/x.py", "four")
    os.mkfifo(site / "five.py")
    return {}


def letters(root: Path, site: Path) -> Mapping[str, str]:
    write(site, "Upper.py", "upper.py", "UPPER/__init__.py", "OS.py", "Sys.py", "straße.py", "café/__init__.py")
    return {}


def names_that_are_none(root: Path, site: Path) -> Mapping[str, str]:
    write(
        site,
        "foo-bar.py",
        "1st/__init__.py",
        "a b.py",
        "class.py",
        "x.y.py",
        ".hidden.py",
        "-.py",
        "foo-1.0.dist-info/x",
    )
    return {"PYTHONPATH": str(write(root / "p", "foo-bar/__init__.py", "1st.py", "x/y.py"))}


def the_standard_library_in_front(root: Path, site: Path) -> Mapping[str, str]:
    modules = ("json.py", "random.py", "sys.py", "builtins.py", "_io.py", "this.py", "antigravity/__init__.py")
    write(root / "p", *modules, "os/x.py", "site/x.py", "posixpath/x.py", "abc/x.py", "email/x.py")
    return {"PYTHONPATH": str(root / "p")}


def empty_elements(root: Path, site: Path) -> Mapping[str, str]:
    write(root / "p", "one.py")
    return {"PYTHONPATH": f"{root}/p::{root}/p/:{root}/p/../p:/:"}


def bytecode_alone(root: Path, site: Path) -> Mapping[str, str]:
    write(site, "__pycache__/one.cpython-312.pyc", "two.pyc", "three/__init__.pyc", "four.pyc", "four.py", "five.pyo")
    return {}


def finders_of_editable_installs(root: Path, site: Path) -> Mapping[str, str]:
    write(root / "src", "pkg/__init__.py", "single.py", "space/part/__init__.py", "both/__init__.py")
    write(site, "both.py", "other/__init__.py")
    (site / "__editable___demo_1_0_finder.py").write_text(FINDER.replace("SRC", f"{root}/src"))
    start = "import __editable___demo_1_0_finder; __editable___demo_1_0_finder.install()\n"
    (site / "__editable__.demo-1.0.pth").write_text(start)
    return {}


def the_shim_for_distutils(root: Path, site: Path) -> Mapping[str, str]:
    """It gives what the first setuptools of the path has, not the one beside it."""
    shim = "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    (site / "distutils-precedence.pth").write_text(f"{shim}enabled and __import__('_distutils_hack').add_shim();\n")
    for place in (site, root / "p"):
        write(place, "setuptools/__init__.py", "setuptools/_distutils/__init__.py")
    write(site, "_distutils_hack/__init__.py", text=SHIM)
    return {"PYTHONPATH": str(root / "p")}


SHIM = """
import importlib, importlib.abc, importlib.util, sys
class Shim:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name == "distutils":
            real = importlib.import_module("setuptools._distutils")
            return importlib.util.spec_from_loader(name, Loader(), origin=real.__file__)
class Loader(importlib.abc.Loader):
    pass
def add_shim():
    sys.meta_path.insert(0, Shim)
"""
"""The shim as setuptools writes it, as far as `find_spec` can tell."""


FINDER = """
import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
MAPPING: "dict[str, str]" = {'pkg': 'SRC/pkg', 'single': 'SRC/single', 'both': 'SRC/both', 'lost': 'SRC/lost'}
NAMESPACES: "dict[str, list[str]]" = {'space': ['SRC/space']}
NAME = '__editable__.demo-1.0.finder'
PATH_PLACEHOLDER = NAME + ".__path_hook__"
class _Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in MAPPING:
            whole = Path(MAPPING[name])
            for candidate in (whole / "__init__.py", whole.with_suffix(".py")):
                if candidate.exists():
                    return spec_from_file_location(name, candidate)
class _Places:
    @classmethod
    def hook(cls, path):
        if path == PATH_PLACEHOLDER:
            return cls
        raise ImportError
    @classmethod
    def find_spec(cls, name, target=None):
        if name in NAMESPACES:
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [*NAMESPACES[name], PATH_PLACEHOLDER]
            return spec
def install():
    sys.meta_path.append(_Finder)
    sys.path_hooks.append(_Places.hook)
    sys.path.append(PATH_PLACEHOLDER)
"""
"""A finder with the tables of those that setuptools writes."""

HOSTILE: tuple[Callable[[Path, Path], Mapping[str, str]], ...] = (
    packages_modules_and_namespaces_of_one_name, compiled_sources_and_folders_of_one_name, archives, pth_files, links,
    folders_named_as_files, letters, names_that_are_none, the_standard_library_in_front, empty_elements, bytecode_alone,
    finders_of_editable_installs, the_shim_for_distutils,
)  # fmt: skip


@pytest.mark.parametrize("python", SOME)
@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.__name__)
def test_a_hostile_path(
    hostile: Callable[[Path, Path], Mapping[str, str]],
    python: str,
    blank: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(write(tmp_path / "here", "in_the_current_folder.py"))
    root = shutil.copytree(blank(python), tmp_path / "venv", symlinks=True)
    (site,) = root.glob("lib/python3*/site-packages")
    environ = {**BASE, **hostile(tmp_path / "work", site)}
    facts = surveyed(str(root / "bin" / "python"), environ)
    assert facts.main.python is not None
    assert facts.main.python.silence is None
    outcome = judged(facts, environ)
    assert outcome.found > 200
    assert outcome.wrong == []

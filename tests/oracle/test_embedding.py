"""What an embedded Python makes of its surroundings, judged by programs that embed each shared libpython here."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from embeddable import CONFIGURED, EMBEDDABLE, HOST, IN_CI
from nixpydoctor.disk import Disk
from nixpydoctor.embedding import Outlook, Start, Surroundings, predict
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import find


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hosts, venvs of each Python, and a user site with a `.pth` file."""
    root = tmp_path_factory.mktemp("embedding")
    (root / "host.c").write_text(HOST)
    for index, one in enumerate(EMBEDDABLE):
        folder = one.library.parent
        subprocess.run(
            ["gcc", "-o", root / f"host{index}", root / "host.c", one.library, f"-Wl,-rpath,{folder}"], check=True
        )
        for name, flags in (("venv", []), ("open", ["--system-site-packages"])):
            target = root / f"{name}{index}"
            subprocess.run([one.python, "-I", "-m", "venv", "--without-pip", *flags, target], check=True)
        major, minor = one.build.version
        site = root / "home" / ".local" / "lib" / f"python{major}.{minor}" / "site-packages"
        (site / "added").mkdir(parents=True, exist_ok=True)
        (site / "more.pth").write_text("# a comment\nadded\n/gone\nimport sys; sys.x = 1\n\nadded\n")
    return root


PATHS: Mapping[str, str | None] = {
    "no PATH": None,
    "no python3 on PATH": "/nowhere",
    "the distribution's": "/usr/bin:/bin",
    "its own": "{bin}",
    "a venv": "{root}/venv{index}/bin:/usr/bin",
    "an open venv": "{root}/open{index}/bin",
    "a venv of another": "{root}/venv{other}/bin",
    "a relative folder": "venv{index}/bin:",
}
ENVIRONMENTS: tuple[Mapping[str, str], ...] = (
    {},
    {"PYTHONPATH": "/opt/x:"},
    {"PYTHONPATH": "below:{root}/home:{root}/home/", "PYTHONNOUSERSITE": "1"},
    {"PYTHONHOME": "{prefix}"},
    {"PYTHONHOME": "{root}/venv{index}"},
    {"PYTHONEXECUTABLE": "{root}/venv{index}/bin/python3"},
    {"PYTHONUSERBASE": "{root}/home/.local", "VIRTUAL_ENV": "{root}/venv{index}"},
)


def said(one: Outlook) -> list[Any]:
    return [one.executable, one.prefix, one.exec_prefix, one.base_prefix, [entry.path for entry in one.path]]


@pytest.mark.parametrize("index", range(len(EMBEDDABLE)), ids=lambda at: str(EMBEDDABLE[at].library))
def test_an_embedded_python_sees_what_is_predicted(index: int, world: Path) -> None:
    """Every search path with the plain environment, every environment with two search paths."""
    one = EMBEDDABLE[index]
    places = {
        "root": world,
        "index": index,
        "other": (index + 1) % len(EMBEDDABLE),
        "bin": one.python.parent,
        "prefix": one.build.prefix,
    }
    combinations: list[tuple[str | None, Mapping[str, str]]] = [(path, {}) for path in PATHS.values()]
    combinations += [(PATHS[name], extra) for name in ("the distribution's", "a venv") for extra in ENVIRONMENTS[1:]]
    for path, extra in combinations:
        env = {name: value.format(**places) for name, value in extra.items()}
        env["HOME"] = str(world / "home")
        if path is not None:
            env["PATH"] = path.format(**places)
        outlook = predict(one.build, Start(), Surroundings(env, str(world), env["HOME"]), Disk(DiskReader()))
        ran = subprocess.run([world / f"host{index}"], env=env, cwd=world, capture_output=True, text=True, check=False)
        if ran.returncode:
            assert not outlook.stdlib, (env, ran.stderr)
        else:
            assert outlook.stdlib, env
            assert said(outlook) == json.loads(ran.stdout), env


@pytest.mark.parametrize("kind", ["Python", "Isolated"])
@pytest.mark.parametrize("named", [False, True], ids=["a python3 of PATH", "its own name"])
@pytest.mark.parametrize("index", range(len(EMBEDDABLE)), ids=lambda at: str(EMBEDDABLE[at].library))
def test_a_program_that_configures_python_sees_what_is_predicted(
    index: int, named: bool, kind: str, world: Path, tmp_path: Path
) -> None:
    """Which way it goes is read from the program: nothing but its functions tells.

    Every search path and every variable once; over the libraries each with each.
    """
    one = EMBEDDABLE[index]
    ask: list[str | Path] = [one.python, "-I", "-c", "import sysconfig; print(sysconfig.get_path('include'))"]
    include = Path(subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip())
    if not (include / "Python.h").exists():
        pytest.skip(f"no Python.h in {include}")
    (tmp_path / "host.c").write_text(CONFIGURED % {"kind": kind, "named": named})
    program = tmp_path / "host"
    flags: list[str | Path] = [f"-I{include}", one.library, f"-Wl,-rpath,{one.library.parent}"]
    subprocess.run(["gcc", "-o", program, tmp_path / "host.c", *flags], check=True)
    variables = {"HOME": str(world / "home"), "PYTHONPATH": "/opt/x"}
    extras: list[dict[str, str]] = [{}, {"PYTHONHOME": one.build.prefix}, {"PYTHONNOUSERSITE": "1"}]
    for turn, path in enumerate(("/usr/bin:/bin", f"{world}/venv{index}/bin:/usr/bin", "/no-such-folder")):
        env = {**variables, **extras[(turn + index) % 3], "PATH": path}
        ran = subprocess.run([program], env=env, cwd=world, capture_output=True, text=True, check=True)
        seen = survey(find(str(program), env, str(world)), env, may_run=False).main
        assert seen.host is not None
        assert seen.python is not None
        told = [seen.host.executable, seen.python.prefix, [entry.path for entry in seen.python.path]]
        executable, prefix, _, _, entries = json.loads(ran.stdout)
        assert told == [executable, prefix, entries], env


NAMED = """
#include <wchar.h>
void Py_SetProgramName(const wchar_t *);
__attribute__((constructor)) static void named(void) { Py_SetProgramName(L"PYTHON"); }
"""


@pytest.mark.parametrize("index", range(len(EMBEDDABLE)), ids=lambda at: str(EMBEDDABLE[at].library))
def test_a_program_that_names_its_python_starts_from_there(index: int, world: Path, tmp_path: Path) -> None:
    """What embed-in-code promises: the venv of that name is found, whatever PATH says."""
    one = EMBEDDABLE[index]
    python = f"{world}/venv{index}/bin/python3"
    (tmp_path / "host.c").write_text(NAMED.replace("PYTHON", python) + HOST)
    folder = one.library.parent
    built: list[str | Path] = ["gcc", "-o", tmp_path / "host", tmp_path / "host.c", one.library, f"-Wl,-rpath,{folder}"]
    subprocess.run(built, check=True)
    env = {"HOME": str(world / "home"), "PATH": "/usr/bin:/bin"}
    around = Surroundings(env, str(world), env["HOME"])
    outlook = predict(one.build, Start(program_name=python), around, Disk(DiskReader()))
    ran = subprocess.run([tmp_path / "host"], env=env, cwd=world, capture_output=True, text=True, check=True)
    assert said(outlook) == json.loads(ran.stdout)
    assert outlook.venv == f"{world}/venv{index}"


def test_there_is_a_python_to_embed() -> None:
    """Without one the test above would judge nothing: in CI that is a failure."""
    where = f"no shared libpython in {sysconfig.get_config_var('LIBDIR')}, in /usr, or from pyenv"
    if not EMBEDDABLE and not IN_CI:
        pytest.skip(where)
    assert EMBEDDABLE, where

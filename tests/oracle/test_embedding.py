"""What an embedded Python makes of its surroundings, judged by programs that embed each shared libpython here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nixpydoctor.disk import Disk
from nixpydoctor.embedding import Build, Outlook, Start, Surroundings, predict
from nixpydoctor.probes.disk import DiskReader

HOST = r"""
int PyRun_SimpleString(const char *text);
void Py_Initialize(void);
int Py_FinalizeEx(void);
int main(void) {
    Py_Initialize();
    PyRun_SimpleString("import json, sys\n"
        "print(json.dumps([sys.executable, sys.prefix, sys.exec_prefix, sys.base_prefix, sys.path]))");
    return Py_FinalizeEx() < 0;
}
"""
ASK = """
import json, sys, sysconfig
say = sysconfig.get_config_var
print(json.dumps([list(sys.version_info[:2]), sys.base_prefix, say("LIBDIR"), say("LDLIBRARY"), say("LDVERSION")]))
"""


class Embeddable(NamedTuple):
    """A Python with a shared library."""

    python: Path
    build: Build
    library: Path


def pythons() -> Iterator[Path]:
    """The Python that runs this, the distribution's, and those that pyenv has."""
    yield Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    yield Path("/usr/bin/python3")
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(root.glob("versions/3.*/bin/python3"))


def embeddable() -> list[Embeddable]:
    found: dict[Path, Embeddable] = {}
    for python in pythons():
        if not python.exists():
            continue
        told = subprocess.run([python, "-I", "-c", ASK], capture_output=True, text=True, check=False).stdout
        if not told:
            continue
        version, prefix, folder, name, _ = json.loads(told)
        library = Path(folder or "", name or "")
        for path in (library, Path(f"{library}.1.0")):
            if path.name.startswith("libpython") and ".so" in path.name and path.is_file() and version >= [3, 8]:
                real = path.resolve()
                debian = b"dist-packages" in real.read_bytes()
                build = Build((version[0], version[1]), prefix, debian=debian)
                found.setdefault(real, Embeddable(python, build, real))
    return list(found.values())


EMBEDDABLE = embeddable()
IN_CI = bool(os.environ.get("CI"))


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
    {"PYTHONPATH": "below:/tmp:/tmp/", "PYTHONNOUSERSITE": "1"},
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


def test_there_is_a_python_to_embed() -> None:
    """Without one the test above would judge nothing: in CI that is a failure."""
    where = f"no shared libpython in {sysconfig.get_config_var('LIBDIR')}, in /usr, or from pyenv"
    if not EMBEDDABLE and not IN_CI:
        pytest.skip(where)
    assert EMBEDDABLE, where

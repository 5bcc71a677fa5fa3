"""Programs that embed the store's Pythons: the predicted paths, and the fate of an import, are what they print."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab.hosts import links
from lab.store import Store
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts
from nixpydoctor.light import replace
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import find

SAYS = (
    "import json, sys\n"
    "try:\n    import labtally; found = True\nexcept ImportError: found = False\n"
    "print(json.dumps([sys.executable, sys.prefix, sys.path, found]), flush=True)\n"
)
PYTHONS = ("nixPython39", "nixPython310", "nixPython311", "nixPython312", "nixPython313", "standalone312")
"""Those of `machine.EMBEDDED` are there where this machine has them."""
PATHS: Mapping[str, str] = {
    "no python3": "/nowhere",
    "the distribution's": "/usr/bin:/bin",
    "its own": "{own}/bin:/usr/bin",
    "an environment of variables": "{envOld312}/bin:/usr/bin",
    "an environment of argv0": "{envNew312}/bin:/usr/bin",
}
VARIABLES: Mapping[str, Mapping[str, str]] = {
    "none": {},
    "PYTHONHOME": {"PYTHONHOME": "{envNew312}"},
    "PYTHONEXECUTABLE": {"PYTHONEXECUTABLE": "{envNew312}/bin/python3"},
    "PYTHONPATH": {"PYTHONPATH": "{labtally312}/lib/python3.12/site-packages:{modules}", "PYTHONNOUSERSITE": "1"},
    "the wrapper's": {
        "NIX_PYTHONPATH": "{labtally312}/lib/python3.12/site-packages",
        "NIX_PYTHONPREFIX": "{envOld312}",
        "NIX_PYTHONEXECUTABLE": "{envOld312}/bin/python3.12",
    },
}


def in_c(store: Store, python: Path, folder: Path, options: list[str]) -> Path:
    """The program that initialises Python and asks it."""
    (folder / "host.c").write_text(
        "int PyRun_SimpleString(const char *text);\nvoid Py_Initialize(void);\n"
        f"int main(void) {{ Py_Initialize(); return PyRun_SimpleString({json.dumps(SAYS)}) < 0; }}\n"
    )
    (library,) = python.glob("lib/libpython3.*.so.1.0")
    command: list[str | Path] = ["gcc", "-o", folder / "host", folder / "host.c", library, *options]
    subprocess.run(command, check=True)
    return folder / "host"


@pytest.mark.parametrize("variables", VARIABLES)
@pytest.mark.parametrize("name", PYTHONS)
def test_a_host_of_a_store_python_sees_what_is_predicted(
    name: str, variables: str, store: Store, tmp_path: Path
) -> None:
    """Every search path with no variables; with each set of variables, those that lead somewhere of Nix."""
    if name not in store.paths and not os.environ.get("CI"):
        pytest.skip(f"this machine has no Python for {name}")
    python = store[name]
    options = links(store, python, store["glibc"] if name.startswith("nix") else None)
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "says.py").write_text(SAYS)
    program = in_c(store, python, tmp_path, options)
    words = {**store.variables(), "own": str(python), "modules": str(modules)}
    for path in PATHS.values() if variables == "none" else (PATHS["its own"], PATHS["an environment of argv0"]):
        env = {key: value.format(**words) for key, value in VARIABLES[variables].items()}
        env |= {"PATH": path.format(**words), "HOME": str(tmp_path)}
        ran = subprocess.run([program], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
        facts = survey(replace(find(str(program), env, str(tmp_path)), beside=None), env)
        inside = facts.main.host
        assert inside is not None
        assert facts.main.python is not None
        if ran.returncode and not ran.stdout.startswith("["):
            assert not inside.stdlib, (env, ran.stderr)
            continue
        executable, prefix, entries, found = json.loads(ran.stdout.splitlines()[0])
        assert inside.executable == executable, env
        assert facts.main.python.prefix == prefix, env
        assert [entry.path for entry in facts.main.python.path] == entries, env
        assert fate(facts) == found, env


def fate(facts: Facts) -> bool:
    """Whether `import labtally` succeeds, by the findings."""
    installed = any(dist.name == "labtally" for dist in facts.main.dists)
    broken = {name for finding in diagnose(facts, remedies=()).findings for name in finding.breaks}
    return installed and "labtally" not in broken

"""Taking entries from sys.path on the facts gives what the Python really has once the variable is gone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from nixpydoctor.facts import Facts
from nixpydoctor.imports.without import without
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import find
from probes.making import pythons

BASE = {"PATH": os.defpath}


def surveyed(command: Path, environ: Mapping[str, str]) -> Facts:
    return survey(find(None, environ, "/", str(command)), environ)


def a_dist(folder: Path, name: str, version: str) -> None:
    """A distribution of one module."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (folder / f"{name}.py").write_text("")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text(f"{name}.py,,\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n")


def same(predicted: Facts, real: Facts) -> None:
    assert predicted.main.python is not None
    assert real.main.python is not None
    assert predicted.main.python.path == real.main.python.path
    assert predicted.main.python.user_site == real.main.python.user_site
    for mine, its in ((predicted.main.dists, real.main.dists), (predicted.main.hidden, real.main.hidden)):
        assert {(dist.location, dist.name): dist for dist in mine} == {(dist.location, dist.name): dist for dist in its}


@pytest.mark.parametrize("python", [pythons()[0], pythons()[-1]])
def test_pythonpath_gone(python: str, tmp_path: Path) -> None:
    """Entries that `site` adds as well stay, in the place that `site` gives them."""
    subprocess.run([python, "-m", "venv", "--without-pip", tmp_path / "v"], check=True, env=BASE)
    (site,) = tmp_path.glob("v/lib/python3*/site-packages")
    for folder, version in ((site, "1"), (tmp_path / "leaked", "2"), (tmp_path / "linked", "3")):
        a_dist(folder, "demo", version)
    a_dist(tmp_path / "other", "more", "1")
    (site / "a.pth").write_text(f"{tmp_path}/other\n{tmp_path}/linked\n")
    (site / "b.pth").write_text(f"{tmp_path}/none\n{tmp_path}/v\n")
    leaked = f"{tmp_path}/leaked:{tmp_path}/linked:{site}:{tmp_path}/v"
    command = tmp_path / "v/bin/python"
    facts = surveyed(command, {**BASE, "PYTHONPATH": leaked})
    assert facts.main.python is not None
    dropped = frozenset(entry.path for entry in facts.main.python.path if entry.by == "PYTHONPATH")
    assert len(dropped) == 4
    same(without(facts, dropped, {"PYTHONPATH": None}), surveyed(command, BASE))


def test_a_part_of_pythonpath_gone(tmp_path: Path) -> None:
    a_dist(tmp_path / "one", "demo", "1")
    a_dist(tmp_path / "two", "demo", "2")
    command = Path(pythons()[-1])
    facts = surveyed(command, {**BASE, "PYTHONPATH": f"{tmp_path}/one:{tmp_path}/two"})
    assert facts.main.python is not None
    dropped = frozenset(entry.path for entry in facts.main.python.path if entry.path.endswith("/one"))
    left = {"PYTHONPATH": f"{tmp_path}/two"}
    same(without(facts, dropped, left), surveyed(command, {**BASE, **left}))


def test_the_user_site_switched_off(tmp_path: Path) -> None:
    command = Path(pythons()[-1])
    minor = surveyed(command, BASE).main.python
    assert minor is not None
    assert minor.minor is not None
    site = tmp_path / "lib" / f"python3.{minor.minor[1]}" / "site-packages"
    a_dist(site, "pip", "0.1")
    a_dist(tmp_path / "more", "more", "1")
    (site / "more.pth").write_text(f"{tmp_path}/more\n")
    environ = {**BASE, "PYTHONUSERBASE": str(tmp_path)}
    facts = surveyed(command, environ)
    assert facts.main.python is not None
    dropped = frozenset(entry.path for entry in facts.main.python.path if entry.path.startswith(str(tmp_path)))
    assert len(dropped) == 2
    off = {"PYTHONNOUSERSITE": "1"}
    same(without(facts, dropped, off), surveyed(command, {**environ, **off}))

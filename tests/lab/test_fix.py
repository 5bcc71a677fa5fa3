"""`fix --apply` on a real Nix Python: the import fails, then works, then fails again, and every byte is back.

What the trial predicted is what the second check finds. The files are hard links, as uv makes them.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import scenario, workshop
from lab.accuracy import check
from lab.carrying_out import like_fix_python
from lab.judgement import Environment
from lab.machine import cache, environment
from lab.roots import Root
from lab.store import Store, add, delete
from lab.wheels import tool

MISSING = r"libstdc\+\+\.so\.6: cannot open shared object file"
WHEELS = {
    "kiwisolver==1.5.1": ("kiwisolver",),
    "numpy==2.3.5": ("numpy", "numpy.linalg"),
    "av==19.0.2": ("av",),
}
MOMENTS = 35
"""With those of `tests/edits/test_killed.py`, fifty."""


@pytest.fixture
def patient(store: Store) -> Iterator[scenario.Patient]:
    """A venv of a Nix Python with wheels that lack libraries, its files hard links into a cache as uv makes them."""
    made = scenario.make("fix", {"python": "nix312", "wheels": list(WHEELS)}, store)
    (made.work / "home").mkdir()
    (made.work / "cache").mkdir()
    for number, path in enumerate(sorted(made.site_packages.rglob("*.so*"))):
        os.link(path, made.work / "cache" / str(number))
    yield made
    scenario.discard(made.work)


def cached(patient: scenario.Patient) -> list[str]:
    """The bytes that the cache holds."""
    files = sorted((patient.work / "cache").iterdir(), key=lambda path: int(path.name))
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]


def fix(patient: scenario.Patient, *words: str) -> tuple[int, str, str]:
    """The command, in the root."""
    command = [*_tool(patient), "fix", *words, patient.target]
    ended = patient.root.run(command, patient.env, home=patient.work / "home")
    return ended.code, ended.out, ended.err


def _tool(patient: scenario.Patient) -> list[str | Path]:
    return [tool(patient.store).python, "-X", f"pycache_prefix={cache() / 'compiled'}", "-m", "nixpydoctor"]


def imported(patient: scenario.Patient, module: str) -> tuple[int, str]:
    """What importing it really does."""
    command = [str(patient.bench.python), "-B", "-c", f"import {module}"]
    ended = patient.root.run(command, patient.env, home=patient.work / "home")
    return ended.code, ended.err


def snapshot(patient: scenario.Patient) -> dict[str, tuple[int, int, int, str]]:
    """Inode, mode, time and digest of every file of the venv."""
    found = {}
    for path in patient.bench.path.rglob("*"):
        if path.is_file() and not path.is_symlink():
            status = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            name = str(path.relative_to(patient.bench.path))
            found[name] = (status.st_ino, status.st_mode, status.st_mtime_ns, digest)
    return found


def keys(findings: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """What tells findings apart."""
    return {(finding["rule"], finding["subject"], finding["detail"]) for finding in findings}


def examined(patient: scenario.Patient) -> dict[str, Any]:
    """A check of the venv."""
    place = Environment("fix", "fix", patient.root, "nix312", patient.env)
    return check(patient.store, Path(patient.target), place, home=patient.work / "home")[0]


def test_sick_then_well_then_sick_again(patient: scenario.Patient) -> None:
    before, held = snapshot(patient), cached(patient)
    for modules in WHEELS.values():
        code, said = imported(patient, modules[0])
        assert code == 1
        assert re.search(MISSING if modules[0] != "av" else r"lib(stdc\+\+|z|gcc_s)\.so\S+: cannot open", said), said
    report = examined(patient)
    offer = next(offer for offer in report["offers"] if offer["remedy"] == "runpath")
    assert offer["cures_all_errors"]

    code, out, err = fix(patient, "--apply", "--yes", "--format", "json", "runpath")
    assert code == 0, err
    after = json.loads(out)
    assert keys(after["findings"]) == (keys(report["findings"]) - keys(offer["cures"])) | keys(offer["causes"])
    assert {edit["path"] for edit in offer["edits"]} <= set(after["applied"]["changed"])
    assert after["applied"]["remarks"] == []
    assert cached(patient) == held
    for modules in WHEELS.values():
        for module in modules:
            code, said = imported(patient, module)
            assert code == 0, said
    for root in (patient.bench.path / ".nixpydoctor" / "roots").iterdir():
        told = subprocess.run(
            ["nix-store", "--query", "--roots", os.readlink(root)],
            capture_output=True,
            text=True,
            env=environment(),
            check=True,
        )
        assert str(root) in told.stdout

    code, out, err = fix(patient, "--undo")
    assert code == 0, err
    assert snapshot(patient) == before
    assert keys(examined(patient)["findings"]) == keys(report["findings"])
    assert imported(patient, "kiwisolver")[0] == 1


def test_the_whole_command_killed_at_any_moment(patient: scenario.Patient) -> None:
    before = snapshot(patient)
    command = [str(word) for word in (*_tool(patient), "fix", "--apply", "--yes", "runpath", patient.target)]
    began = time.monotonic()
    assert patient.root.run(command, home=patient.work / "home").code == 0
    whole = time.monotonic() - began
    edited = {name: held for name, held in snapshot(patient).items() if not name.startswith(".nixpydoctor")}
    assert fix(patient, "--undo")[0] == 0
    for _ in range(MOMENTS):
        env = {**environment(), "HOME": str(patient.work / "home")}
        child = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, start_new_session=True
        )
        time.sleep(random.uniform(0, whole))
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        now = snapshot(patient)
        for name, held in before.items():
            assert now[name][1:] in (held[1:], edited[name][1:]), f"{name} is neither old nor new"
        assert fix(patient, "--undo")[0] == 0
        assert snapshot(patient) == before


def test_the_effect_of_fix_python(patient: scenario.Patient, store: Store) -> None:
    """What the trial expects of it is what its edits do."""
    shutil.rmtree(patient.work / "cache")
    report = examined(patient)
    offer = next(offer for offer in report["offers"] if offer["remedy"] == "fix-python")
    assert offer["cures_all_errors"]
    like_fix_python(patient.bench.path, [f"{store['gccLib']}/lib", f"{store['zlib']}/lib"])
    expected = (keys(report["findings"]) - keys(offer["cures"])) | keys(offer["causes"])
    assert keys(examined(patient)["findings"]) == expected
    for modules in WHEELS.values():
        for module in modules:
            code, said = imported(patient, module)
            assert code == 0, said


def test_a_loader_of_nix_ld_counts_as_the_stores(store: Store) -> None:
    """A standalone Python that nix-ld starts runs on a C library of the store: what `fix` would change cures it."""
    plan = scenario.load("nix_ld_has_too_few_libraries")
    made = scenario.make("fix-nix-ld", plan, store)
    try:
        (made.work / "home").mkdir()
        command = [made.fill(word) for word in plan["disease"]["run"]]
        assert made.root.run(command, made.env, home=made.work / "home").code == 1
        place = Environment("fix", "fix", made.root, plan["python"], made.env)
        report, _ = check(store, Path(made.target), place, home=made.work / "home")
        offer = next(offer for offer in report["offers"] if offer["remedy"] == "runpath")
        for edit in offer["edits"]:
            force = ["--force-rpath"] if edit["tag"] == "rpath" else []
            search_path = ":".join(edit["after"])
            subprocess.run(["patchelf", *force, "--set-rpath", search_path, edit["path"]], check=True)
        ended = made.root.run(command, made.env, home=made.work / "home")
        assert ended.code == 0, ended.err
    finally:
        scenario.discard(made.work)


def portaudio(work: Path, version: str) -> Path:
    """A package of that name in the store, with an empty library."""
    folder = work / f"portaudio-{version}"
    (folder / "lib").mkdir(parents=True)
    library = folder / "lib/libportaudio.so.2"
    words = ["gcc", "-shared", "-nostdlib", "-x", "c", "/dev/null", "-o", str(library), "-Wl,-soname,libportaudio.so.2"]
    subprocess.run(words, env=environment(), check=True, capture_output=True)
    (folder / "version").write_text(f"{version} {os.getpid()}")
    return add(folder)


def rooted(path: Path) -> bool:
    """Whether Nix knows of anything that keeps this store path."""
    command = ["nix-store", "--query", "--roots", str(path)]
    told = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    return bool(told.stdout.strip())


def test_of_two_candidates_the_user_names_one_and_it_is_kept_until_undone(store: Store) -> None:
    """The store holds a library twice: nothing is chosen, `--library-from` chooses, the root goes with the edit."""
    made = scenario.make("fix-candidates", {"python": "nix312"}, store)
    (made.work / "home").mkdir()
    found = [portaudio(made.work, version) for version in ("19.6", "19.7")]
    try:
        workshop.module(made, "labaudio", libraries=("libportaudio.so.2",), folders=(found[0] / "lib",))
        assert re.search(r"libportaudio\.so\.2: cannot open", imported(made, "labaudio")[1])
        report = examined(made)
        assert "runpath" not in [offer["remedy"] for offer in report["offers"]]
        why = next(item["why"] for item in report["not_offered"] if item["remedy"] == "runpath")
        assert "is in the store more than once" in why
        assert "--library-from" in why
        assert all(str(path) in why for path in found)
        code, _, err = fix(made, "--apply", "--yes", "--library-from", str(found[1]), "runpath")
        assert code == 0, err
        assert imported(made, "labaudio")[0] == 0
        assert [rooted(path) for path in found] == [False, True]
        assert fix(made, "--undo")[0] == 0
        assert imported(made, "labaudio")[0] == 1
        assert not rooted(found[1])
        assert not (made.bench.path / ".nixpydoctor").exists()
    finally:
        scenario.discard(made.work)
        for path in found:
            delete(path)


def test_where_the_loader_is_not_the_stores_nothing_is_offered(store: Store, tmp_path: Path) -> None:
    """A standalone Python on Debian, a library that is missing there: a store library is no cure for it."""
    made = scenario.make("fix-standalone", {"python": "standalone312", "wheels": ["kiwisolver==1.5.1"]}, store)
    try:
        (made.work / "home").mkdir()
        for path in made.site_packages.rglob("kiwisolver/*.so"):
            subprocess.run(["patchelf", "--replace-needed", "libstdc++.so.6", "libz.so.9", str(path)], check=True)
        place = Environment("fix", "fix", Root("debian", store), "standalone312", {})
        report, _ = check(store, Path(made.target), place, home=made.work / "home")
        assert "runpath" not in [offer["remedy"] for offer in report["offers"]]
        assert "loader" in next(item["why"] for item in report["not_offered"] if item["remedy"] == "runpath")
    finally:
        scenario.discard(made.work)

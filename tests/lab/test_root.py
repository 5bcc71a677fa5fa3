"""`--root`: a NixOS-like file system says the same from outside as from inside, where the import really fails."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import scenario
from lab.machine import REPOSITORY, cache, environment
from lab.store import Store
from lab.wheels import install, interpreters, make_venv, tool

VENV = "/home/ada/app/.venv"


@pytest.fixture
def image(store: Store) -> Iterator[Path]:
    """A root with a copy of what a Python of the store needs, and a venv with a wheel that it cannot load."""
    work = cache() / "scenarios" / "image"
    scenario.discard(work)
    root = work / "root"
    python = interpreters(store)["nix312"]
    for folder in ("nix/store", "etc", "usr/bin", "home/ada/app", "run/current-system"):
        (root / folder).mkdir(parents=True)
    (root / "etc/NIXOS").touch()
    (root / "etc/os-release").write_text('ID=nixos\nPRETTY_NAME="NixOS 25.11 (lab)"\n')
    (root / "run/current-system/sw").symlink_to(python.parent.parent)
    (root / "usr/bin/env").symlink_to(f"{store['busybox']}/bin/env")
    for path in closure(python.parent.parent, store["busybox"]):
        subprocess.run(["cp", "-a", path, root / "nix/store"], check=True)
    inside(store, root, [python, "-m", "venv", "--without-pip", VENV]).check_returncode()
    bench = make_venv(work / "venv", python)
    install(store, bench, ["kiwisolver==1.5.1"])
    site = root / VENV[1:] / "lib/python3.12/site-packages"
    subprocess.run(["cp", "-r", f"{bench.site_packages}/.", site], check=True)
    yield root
    scenario.discard(work)


def closure(*paths: Path) -> list[str]:
    command = ["nix-store", "--query", "--requisites", *map(str, paths)]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, check=True).stdout.split()


def inside(store: Store, root: Path, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    """A command for which the root is all there is, but for this tool."""
    words: list[str | Path] = ["bwrap", "--die-with-parent", "--bind", root, "/", "--proc", "/proc", "--dev", "/dev"]
    words += ["--ro-bind", REPOSITORY, REPOSITORY, "--ro-bind", tool(store).path, tool(store).path]
    words += ["--chdir", "/", "--clearenv", "--setenv", "PATH", "/run/current-system/sw/bin"]
    return subprocess.run([*words, *command], capture_output=True, text=True, check=False)


def report(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What a check says, but for how it came to say it."""
    told: dict[str, Any] = json.loads(ended.stdout)
    del told["target"]["why"]
    return told


def test_what_is_said_from_outside_is_what_is_said_inside(store: Store, image: Path) -> None:
    died = inside(store, image, [f"{VENV}/bin/python", "-c", "import kiwisolver"])
    assert "libstdc++.so.6: cannot open shared object file" in died.stderr
    check: list[str | Path] = [tool(store).python, "-B", "-m", "nixpydoctor", "check", "--format", "json", VENV]
    read = report(inside(store, image, [*check, "--no-exec"]))
    asked = report(inside(store, image, check))
    out = report(subprocess.run([*check, "--root", image], capture_output=True, text=True, check=False))
    errors = {(one["rule"], one["detail"]) for one in out["findings"] if one["severity"] == "error"}
    assert errors == {("NPD101", "libstdc++.so.6"), ("NPD101", "libgcc_s.so.1")}
    assert out["findings"] == asked["findings"]
    assert str(image) not in json.dumps(out)
    for one in (out, read):
        del one["target"]["python"]["silence"]
    assert out == read

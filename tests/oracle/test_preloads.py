"""What the real loader does with each kind of LD_PRELOAD entry is what NPD501 says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from nixpydoctor.case import Case
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Severity
from nixpydoctor.light import replace
from nixpydoctor.probes.surveying import survey
from nixpydoctor.rules.preload import preload
from nixpydoctor.target import find

PATH = {"PATH": os.defpath, "LC_ALL": "C"}


def compiled(path: Path, *needs: Path) -> Path:
    """An empty shared object that needs others."""
    source = path.with_suffix(".c")
    source.write_text("")
    command = ["gcc", "-shared", "-nostdlib", str(source), "-o", str(path), f"-Wl,-soname,{path.name}"]
    subprocess.run([*command, "-Wl,--no-as-needed", *map(str, needs)], check=True, capture_output=True)
    return path


def fitting(folder: Path) -> Path:
    return compiled(folder / "libfits.so")


def lacking(folder: Path) -> Path:
    gone = compiled(folder / "libgone.so")
    made = compiled(folder / "liblacks.so", gone)
    gone.unlink()
    return made


def changed(offset: int, value: int) -> Callable[[Path], Path]:
    """An object with one byte of its header changed."""

    def make(folder: Path) -> Path:
        made = compiled(folder / "libchanged.so")
        data = bytearray(made.read_bytes())
        data[offset] = value
        made.write_bytes(data)
        return made

    return make


def text(folder: Path) -> Path:
    (folder / "libtext.so").write_text("hello\n")
    return folder / "libtext.so"


def cut(folder: Path) -> Path:
    made = compiled(folder / "libcut.so")
    made.write_bytes(made.read_bytes()[:40])
    return made


def a_folder(folder: Path) -> Path:
    (folder / "libfolder.so").mkdir()
    return folder / "libfolder.so"


def a_program(folder: Path) -> Path:
    return Path("/usr/bin/env")


def absent(folder: Path) -> Path:
    return folder / "libabsent.so"


MAKERS = {
    "fits": fitting,
    "lacks what it needs": lacking,
    "another machine": changed(18, 183),
    "another class": changed(4, 1),
    "another byte order": changed(5, 2),
    "a text": text,
    "cut short": cut,
    "a folder": a_folder,
    "a program": a_program,
    "absent": absent,
}


@cache
def surveyed() -> Facts:
    return survey(find(sys.executable, PATH, "/"), PATH)


@pytest.mark.parametrize("kind", MAKERS)
def test_the_loader_does_what_the_rule_says(tmp_path: Path, kind: str) -> None:
    entry = str(MAKERS[kind](tmp_path))
    facts = surveyed()
    process = facts.main.process.setenv("LD_PRELOAD", entry)
    said = list(preload.check(Case(replace(facts, main=replace(facts.main, process=process)))))
    command = [facts.main.process.executable, "-c", ""]
    real = subprocess.run(command, env={**PATH, "LD_PRELOAD": entry}, capture_output=True, text=True, check=False)
    ignored = re.findall(r"object '([^']+)' from LD_PRELOAD cannot be preloaded", real.stderr)
    assert any(finding.severity is Severity.ERROR for finding in said) == (real.returncode != 0), real.stderr
    assert [finding.detail for finding in said if finding.severity is Severity.NOTE] == ignored

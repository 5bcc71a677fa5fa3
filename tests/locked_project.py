"""A project with files of its own, a venv that lacks libraries, and what one remedy says of it."""

from __future__ import annotations

from dataclasses import replace

from build import SITE, a_dist, an_object, facts
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Facts, FsPath, Project

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"
ROOT = FsPath("/home/ada/app")


def world(texts: dict[str, str], *sonames: str, name: str = "numpy") -> Facts:
    """A project with these files, whose extension wants these libraries."""
    made = facts(
        a_dist(name, extensions=[EXT], top_level=("numpy",)),
        objects=[an_object(f"{SITE}/{EXT}", *sonames)],
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
        project=Project(ROOT, tuple(texts)),
    )
    held = {FsPath(f"{ROOT}/{file}"): text for file, text in texts.items()}
    return replace(made, disk=made.disk.overlay({}, held))


def trial(made: Facts, name: str) -> Trial:
    (found,) = [one for one in diagnose(made).offers if one.treatment.remedy.name == name]
    return found


def refusal(made: Facts, name: str) -> str:
    (why,) = [one.why for one in diagnose(made).not_offered if one.remedy.name == name]
    return why

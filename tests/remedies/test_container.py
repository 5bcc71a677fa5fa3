"""container writes an image with what is installed and Debian's packages for what is missing."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import pytest

from build import SITE, STORE_PYTHON, a_dist, an_object, facts
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Facts, FsPath, Project, Venv

EXT = "cv2/cv2.abi3.so"
VENV = Venv(FsPath("/home/ada/app/.venv"), FsPath(STORE_PYTHON.rpartition("/")[0]), "3.12.1", "venv", False)


def world(*sonames: str, files: tuple[str, ...] = (), venv: Venv | None = VENV) -> Facts:
    return facts(
        a_dist("opencv-python", "4.10", extensions=[EXT], top_level=("cv2",)),
        objects=[an_object(f"{SITE}/{EXT}", *sonames)],
        sources={"cv2/__init__.py": "from . import cv2\n"},
        venv=venv,
        project=Project(FsPath("/home/ada/app"), files),
    )


def trial(made: Facts) -> Trial:
    (found,) = [one for one in diagnose(made).offers if one.treatment.remedy.name == "container"]
    return found


def test_it_names_debians_packages_and_no_more() -> None:
    found = trial(world("libGL.so.1", "libstdc++.so.6", files=("requirements.txt",)))
    assert found.cures_all_errors
    assert found.treatment.basis == "assumed"
    text = found.treatment.files[0].text
    assert "python:3.12-slim-bookworm" in text
    assert "--no-install-recommends libgl1 &&" in text
    assert "-r requirements.txt" in text


INSTRUCTIONS = {"FROM", "RUN", "COPY", "WORKDIR", "ENV", "CMD"}


@pytest.mark.parametrize("files", [(), ("requirements.txt",), ("uv.lock", "pyproject.toml")])
@pytest.mark.parametrize("soname", ["libGL.so.1", "libz.so.1"])
def test_the_file_is_one_that_builders_read(files: tuple[str, ...], soname: str) -> None:
    """One instruction a line, FROM first; what RUN gets is shell, and what CMD gets is a list."""
    treatment = trial(world(soname, files=files)).treatment
    lines = [line.partition(" ") for line in treatment.files[0].text.splitlines()]
    assert lines[0][0] == "FROM"
    assert {word for word, _, _ in lines} <= INSTRUCTIONS
    known = {*files, "pyproject.toml", ".", *(file.name for file in treatment.files)}
    for word, _, rest in lines:
        assert rest.strip()
        if word == "RUN":
            subprocess.run(["sh", "-n", "-c", rest], check=True)
        elif word == "COPY":
            assert set(rest.split()[:-1]) <= known
        elif word == "CMD":
            assert json.loads(rest) == ["python3"]


def test_without_a_list_of_the_project_it_brings_one() -> None:
    names = [file.name for file in trial(world("libz.so.1")).treatment.files]
    assert names == ["Containerfile", "requirements-of-the-venv.txt"]
    assert "apt-get" not in trial(world("libz.so.1")).treatment.files[0].text


def test_a_lock_is_kept_to() -> None:
    assert "uv sync --locked" in trial(world("libz.so.1", files=("uv.lock",))).treatment.files[0].text


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (world("libnobody-has.so.3"), "no package of Debian 12"),
        (world("libcuda.so.1"), "comes with the machine's driver"),
        (world("libz.so.1", venv=None), "no venv"),
        (
            replace(
                world("libz.so.1"),
                main=replace(world("libz.so.1").main, python=replace(world().main.python, version="")),  # type: ignore[type-var]
            ),
            "no image with this Python",
        ),
    ],
)
def test_where_it_has_no_form(made: Facts, says: str) -> None:
    (why,) = [one.why for one in diagnose(made).not_offered if one.remedy.name == "container"]
    assert says in why


def lending(soname: str) -> Facts:
    """A module that finds this library through LD_LIBRARY_PATH, which wants a newer C library than there is."""
    folder = "/nix/store/ffffffffffffffffffffffffffffffff-fresh/lib"
    made = facts(
        a_dist("opencv-python", "4.10", extensions=[EXT], top_level=("cv2",)),
        objects=[
            an_object(f"{SITE}/{EXT}", soname),
            an_object(f"{folder}/{soname}", "libc.so.6", soname=soname, wants=[("libc.so.6", "GLIBC_2.99")]),
        ],
        sources={"cv2/__init__.py": "from . import cv2\n"},
        venv=VENV,
        env={"LD_LIBRARY_PATH": folder},
    )
    assert any(finding.rule.id == "NPD105" for finding in diagnose(made).findings)
    return made


def test_what_a_variable_lends_must_have_a_package_there() -> None:
    assert "libgl1" in trial(lending("libGL.so.1")).treatment.files[0].text
    (why,) = [one.why for one in diagnose(lending("libfresh.so.1")).not_offered if one.remedy.name == "container"]
    assert why == "no package of Debian 12 is known to have libfresh.so.1"
    (why,) = [one.why for one in diagnose(lending("libfresh.so.1")).not_offered if one.remedy.name == "dream2nix"]
    assert "has libfresh.so.1 from LD_LIBRARY_PATH" in why


def test_what_comes_with_a_variable_is_not_in_the_image() -> None:
    made = world("libz.so.1")
    python = made.main.python
    assert python is not None
    path = tuple(replace(entry, by="PYTHONPATH") if entry.path == SITE else entry for entry in python.path)
    lent = replace(made, main=replace(made.main, python=replace(python, path=path)))
    (why,) = [one.why for one in diagnose(lent).not_offered if one.remedy.name == "container"]
    assert why == "opencv-python comes with PYTHONPATH and is not in the venv: an image would not have it"

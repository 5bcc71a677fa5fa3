"""What PyO3 left in a build folder, and what its variables say, as it reads them itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nixpydoctor.facts import Configured, FsPath
from nixpydoctor.files import HERE
from nixpydoctor.probes.building import configured, wished

CONFIG = """implementation=CPython
version=3.{minor}
shared=true
{abi}
lib_name=python3.{minor}
lib_dir=/opt/py3{minor}/lib
executable=/opt/py3{minor}/bin/python
pointer_width=64
build_flags=
suppress_build_script_link_lines=false
"""
"""As pyo3-build-config 0.22 to 0.30 write it (`InterpreterConfig::to_writer`)."""


def built(folder: Path, name: str, minor: int, abi: str = "abi3=false", age: int = 0) -> Path:
    output = folder / "build" / f"pyo3-ffi-{name}" / "output"
    output.parent.mkdir(parents=True)
    text = CONFIG.format(minor=minor, abi=abi).encode().hex()
    output.write_text(
        f"cargo:rerun-if-env-changed=PYO3_PYTHON\ncargo:PYO3_CONFIG={text}\ncargo:rustc-link-lib=python\n"
    )
    os.utime(output, (1_700_000_000 - age, 1_700_000_000 - age))
    return output


def test_a_build_folder_tells_the_python(tmp_path: Path) -> None:
    release = tmp_path / "target" / "release"
    output = built(release, "1", 12)
    said = Configured(str(output), FsPath("/opt/py312/bin/python"), (3, 12), library_dir=FsPath("/opt/py312/lib"))
    for program in ("app", "examples/app", "deps/app-0123"):
        assert configured(FsPath(f"{release}/{program}"), 12, HERE) == said
    assert configured(FsPath(f"{tmp_path}/elsewhere/app"), 12, HERE) is None


def test_of_several_the_one_of_this_minor_else_the_newest(tmp_path: Path) -> None:
    built(tmp_path, "old", 11, age=9)
    built(tmp_path, "new", 13, age=1)
    of_this, none_of_this = (configured(FsPath(f"{tmp_path}/app"), minor, HERE) for minor in (11, 12))
    assert of_this is not None
    assert none_of_this is not None
    assert (of_this.minor, none_of_this.minor) == ((3, 11), (3, 13))


def test_the_stable_abi_is_known_in_both_spellings(tmp_path: Path) -> None:
    for number, (abi, stable) in enumerate(
        [("abi3=true", True), ("target_abi=CPython-abi3-3.9", True), ("target_abi=CPython-gil_enabled-3.12", False)]
    ):
        built(tmp_path / str(number), "1", 12, abi)
        found = configured(FsPath(f"{tmp_path}/{number}/app"), 12, HERE)
        assert found is not None
        assert found.stable is stable


def test_an_output_that_is_none_says_nothing(tmp_path: Path) -> None:
    output = built(tmp_path, "1", 12)
    for text in ("", "cargo:PYO3_CONFIG=abc", "cargo:PYO3_CONFIG=ff"):
        output.write_text(text)
        assert configured(FsPath(f"{tmp_path}/app"), 12, HERE) is None


def test_variables_of_pyo3(tmp_path: Path) -> None:
    """A file before anything else; then whether a Python is asked at all; then which."""
    file = tmp_path / "config"
    file.write_text(CONFIG.format(minor=11, abi="abi3=true"))
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    (tmp_path / "bin" / "python3.13").write_text("")
    python.symlink_to("python3.13")
    env = {"PYO3_PYTHON": "python3", "PATH": f"/nowhere:{python.parent}"}
    assert wished({}, HERE) is None
    assert wished(env, HERE) == Configured("PYO3_PYTHON", FsPath("python3"), (3, 13))
    assert wished({"PYO3_PYTHON": str(python)}, HERE) == Configured("PYO3_PYTHON", FsPath(str(python)), (3, 13))
    assert wished({"PYO3_PYTHON": "/gone"}, HERE) == Configured("PYO3_PYTHON", FsPath("/gone"))
    assert wished({**env, "PYO3_NO_PYTHON": "1"}, HERE) == Configured("PYO3_NO_PYTHON")
    told = wished({**env, "PYO3_NO_PYTHON": "1", "PYO3_CONFIG_FILE": str(file)}, HERE)
    assert told is not None
    assert (told.by, told.minor, told.stable) == ("PYO3_CONFIG_FILE", (3, 11), True)
    assert wished({"PYO3_CONFIG_FILE": "/gone"}, HERE) == Configured("PYO3_CONFIG_FILE")


@pytest.mark.parametrize("version", ["²", "3.²", "3." + "9" * 5000, "3", "", "\x1b[31m"])
def test_a_file_with_no_version_in_it_says_none(tmp_path: Path, version: str) -> None:
    """The file is anybody's: a digit that is no number, and more digits than Python takes, are no fault of ours."""
    file = tmp_path / "config"
    file.write_text(f"version={version}\n")
    assert wished({"PYO3_CONFIG_FILE": str(file)}, HERE) == Configured("PYO3_CONFIG_FILE")


def test_a_pipe_is_no_configuration(tmp_path: Path) -> None:
    """To open one would wait for a writer."""
    output = built(tmp_path, "1", 12)
    output.unlink()
    os.mkfifo(output)
    os.mkfifo(tmp_path / "config")
    assert configured(FsPath(f"{tmp_path}/app"), 12, HERE) is None
    assert wished({"PYO3_CONFIG_FILE": f"{tmp_path}/config"}, HERE) == Configured("PYO3_CONFIG_FILE")

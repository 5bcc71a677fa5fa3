"""`--root`: a whole file system examined from outside, by real commands; nothing outside of it is looked at."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import tool
from elf_bytes import Image
from nixpydoctor import packaged, workflow
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import FsPath
from nixpydoctor.files import USUAL, Files
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import find
from probes.making import TAG, install, script

VENV = "/srv/app/.venv"
SITE = f"{VENV}/lib/python3.12/site-packages"
INTERP = "/lib64/ld-linux-x86-64.so.2"


def loader() -> str:
    """This machine's own loader."""
    (obj,) = Disk(DiskReader()).objects(FsPath(os.path.realpath(sys.executable))) or ()  # type: ignore[misc]
    return os.path.realpath(str(obj.interp))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A merged /usr behind absolute links, a Python, and a project whose venv needs one library that is not there."""
    root = tmp_path_factory.mktemp("images") / "image"
    for folder in ("usr/bin", "usr/lib64", "usr/lib/python3.12/lib-dynload", "etc", "opt/python/bin", "srv/app"):
        (root / folder).mkdir(parents=True)
    for name in ("bin", "lib", "lib64"):
        (root / name).symlink_to(f"/usr/{name}")
    shutil.copy(loader(), root / "usr/lib64/ld-linux-x86-64.so.2")
    (root / "etc/os-release").write_text("ID=imaginary\nPRETTY_NAME='Imaginary 1'\n")
    program = Image(kind=2, needed=(b"libhere.so.1",), interp=INTERP.encode(), rpath=b"/lib").build()
    (root / "usr/bin/python3.12").write_bytes(program)
    (root / "usr/bin/python3.12").chmod(0o755)
    (root / "usr/lib/libhere.so.1").write_bytes(Image(soname=b"libhere.so.1").build())
    (root / "usr/lib/python3.12/os.py").touch()
    (root / "opt/python/bin/python3").symlink_to("../../../../../../usr/bin/python3.12")
    venv = root / VENV[1:]
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python").symlink_to("/opt/python/bin/python3")
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.1\n")
    site = root / SITE[1:]
    site.mkdir(parents=True)
    extension = Image(needed=(b"libhere.so.1", b"libz.so.1"), runpath=b"/lib").build()
    install(site, "demo", {"demo/__init__.py": "from . import _ext\n", f"demo/_ext.{TAG}.so": extension})
    (site / "out").symlink_to("../" * 40 + "tmp")
    (site / "round").symlink_to("round")
    (root / "srv/app/pyproject.toml").write_text("[project]\nname = 'app'\nrequires-python = '>=3.12'\n")
    return root


def check(root: Path, *words: str, code: int, command: str = "check") -> str:
    ended = tool.run(command, *words, "--root", str(root), env={"PATH": os.defpath}, cwd=root.parent)
    assert ended.returncode == code, ended.stderr + ended.stdout
    return ended.stdout if code in (0, 1) else ended.stderr


def report(root: Path, *words: str, code: int) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(check(root, *words, "--format", "json", code=code))
    return told


@pytest.mark.parametrize("said", [VENV, "/srv/app", "srv/app", f"{VENV}/bin/python", "/../srv/app/../app"])
def test_the_library_that_the_image_lacks_is_missing_and_no_other(image: Path, said: str) -> None:
    told = report(image, said, code=1)
    (missing,) = [one for one in told["findings"] if one["severity"] == "error"]
    assert (missing["rule"], missing["detail"]) == ("NPD101", "libz.so.1")
    assert missing["breaks"] == ["demo"]
    assert missing["subject"] == f"{SITE}/demo/_ext.{TAG}.so"
    assert str(image) not in json.dumps({**told, "target": None})
    assert told["target"]["why"].endswith(f"below the root {image}")


def test_what_would_help_is_for_the_machine_that_has_the_root(image: Path) -> None:
    assert "What would help, said and done on the machine that has this root\n" in check(image, VENV, code=1)


def test_the_machine_is_the_images(image: Path) -> None:
    facts = workflow.seen(workflow.Wish("/srv/app", root=str(image)), {"PYTHONPATH": "/x"}, "/", lambda said: None)
    assert facts.platform.name == "Imaginary 1"
    assert facts.project is not None
    assert (facts.project.root, facts.project.requires_python) == ("/srv/app", ">=3.12")
    assert facts.main.process.executable == "/usr/bin/python3.12"
    assert facts.main.process.env == USUAL
    assert facts.main.python is not None
    assert facts.main.python.silence == "nothing of a root is started"
    assert facts.main.venv is not None
    assert facts.main.venv.base_exists
    assert facts.main.venv.links == ("/opt/python/bin/python3", "/usr/bin/python3.12")


def test_without_a_target_the_usual_folders_are_looked_through(image: Path) -> None:
    (image / "usr/bin/python3").symlink_to("python3.12")
    try:
        assert check(image, code=0).startswith("/usr/bin/python3: no target was named")
    finally:
        (image / "usr/bin/python3").unlink()
    assert "has no .venv at its top, and no python3 in its usual folders" in check(image, code=3)


def test_nothing_of_the_image_is_started(image: Path, tmp_path: Path) -> None:
    """Its Python would say so."""
    root = tmp_path / "image"
    shutil.copytree(image, root, symlinks=True)
    script(root / "usr/bin/python3.12", f"touch {tmp_path}/started")
    check(root, VENV, code=0)
    assert not (tmp_path / "started").exists()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every path that goes to the kernel from here on."""
    paths: list[str] = []

    def watched(name: str) -> None:
        real = getattr(os, name)

        def call(path: Any = ".", *more: Any, **named: Any) -> Any:
            if not isinstance(path, int):
                paths.append(os.fsdecode(path))
            return real(path, *more, **named)

        monkeypatch.setattr(os, name, call)

    for name in ("stat", "lstat", "open", "listdir", "scandir", "readlink", "access"):
        watched(name)
    return paths


def test_every_path_that_is_looked_at_lies_below_the_root(image: Path, asked: list[str]) -> None:
    files = Files(str(image))
    asked.clear()
    facts = survey(find(VENV, {}, "/", files=files), {}, files=files)
    diagnosis = diagnose(facts)
    assert [finding.detail for finding in diagnosis.findings if finding.severity.name == "ERROR"] == ["libz.so.1"]
    own = (str(Path(packaged.__file__).parent), sys.prefix, sys.base_prefix)
    outside = {path for path in asked if not f"{path}/".startswith(f"{image}/") and not path.startswith(own)}
    assert outside == set()
    assert len([path for path in asked if path.startswith(str(image))]) > 100


def test_a_saved_case_replays_without_the_image(image: Path, tmp_path: Path) -> None:
    direct = report(image, VENV, "--save-facts", str(tmp_path / "facts.json"), code=1)
    again = tool.run("check", "--facts", str(tmp_path / "facts.json"), "--format", "json", env={})
    assert json.loads(again.stdout)["findings"] == direct["findings"]


def test_tree_shows_what_the_images_loader_would_open(image: Path) -> None:
    told = check(image, "demo", VENV, command="tree", code=1)
    assert "libhere.so.1  already loaded: /lib" in told
    assert "libz.so.1" in told
    by_path = check(image, f"{SITE}/demo/_ext.{TAG}.so", VENV, command="tree", code=1)
    assert "libz.so.1" in by_path


def test_explain_looks_below_the_root(image: Path) -> None:
    text = "ImportError: libz.so.1: cannot open shared object file: No such file or directory"
    traceback = f'File "{SITE}/demo/__init__.py", line 1, in <module>\n{text}'
    told = tool.run("explain", traceback, "--root", str(image), env={}, cwd=image.parent)
    assert told.returncode == 0
    said = " ".join(told.stdout.split())
    assert f"Seen below {image}, in {VENV}" in said
    assert f"nixpydoctor check --root {image} {VENV}" in said
    elsewhere = tool.run("explain", traceback, env={"PATH": ""}, cwd=image.parent)
    assert "the paths in the text do not exist here" in " ".join(elsewhere.stdout.split())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--root", "{tmp}/gone"], "does not exist: name the folder that holds the target's file system"),
        (["--root", ""], "does not exist"),
        (["--root", "{tmp}/file"], "is no folder: unpack the image, or mount it"),
        (["--root", "{tmp}/round"], "is no folder"),
        (["--root", "{image}", "/srv/gone"], "/srv/gone does not exist below {image}"),
        (["--root", "{image}", "{image}/srv/app"], "lies below the root, where its name is /srv/app: say that name"),
        (["--root", "{image}", "--python", "{image}/usr/bin/python3.12"], "its name is /usr/bin/python3.12"),
        (["--root", "{image}", "--python", "python9"], "There is no command python9 on PATH below {image}"),
        (["--root", "{image}", "--imports", "/srv/app"], "of a --root nothing is started"),
        (["--root", "{image}", "--facts", "x"], "no --python, no --root"),
        (["--root", "{image}", f"{SITE}/round"], "cannot be looked at: Too many levels of symbolic links"),
        (["--root", "{image}", f"{SITE}/out"], "is a symbolic link"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(image: Path, tmp_path: Path, words: list[str], sentence: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "round").symlink_to("round")
    given = [word.format(tmp=tmp_path, image=image) for word in words]
    ended = tool.run("check", *given, env={"PATH": ""}, cwd=tmp_path)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert sentence.format(image=image) in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_settings_of_the_image_decide_nothing(image: Path, tmp_path: Path) -> None:
    """A pyproject.toml below the root could silence everything."""
    root = tmp_path / "image"
    shutil.copytree(image, root, symlinks=True)
    (root / "srv/app/pyproject.toml").write_text("[tool.nixpydoctor]\nselect = ['NPD9']\n")
    assert report(root, "/srv/app", code=1)["findings"]

"""Where a finding stands: in lock files as real tools write them, and in a repository as platforms see it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from urllib.parse import unquote

import pytest

import tool
from actions import Ended
from build import SITE, a_dist, facts
from diagnoses import a_diagnosis, a_missing
from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath
from nixpydoctor.light import replace
from nixpydoctor.probes.nix import read_project
from nixpydoctor.report.anchors import Anchors

LOCKS = Path(__file__).parent.parent / "fixtures" / "locks"
APP = "dienste/ä b, 100%"
"""Where the project lies in its repository: with all that paths may have and commands must not trip over."""


@pytest.mark.parametrize(
    ("files", "name", "line"),
    [
        (("uv.lock", "pyproject.toml"), "uv.lock", 'name = "markupsafe"'),
        (("poetry.lock", "pyproject.toml"), "poetry.lock", 'name = "markupsafe"'),
        (("pylock.toml", "requirements.txt"), "pylock.toml", 'name = "markupsafe"'),
        (("pylock.pip.toml", "pyproject.toml"), "pylock.pip.toml", 'name = "markupsafe"'),
        (("requirements.txt", "pyproject.toml"), "requirements.txt", "markupsafe==3.0.2 \\"),
        (("requirements-dev.txt",), "requirements-dev.txt", "markupsafe==3.0.2 \\"),
        (("pyproject.toml",), "pyproject.toml", "[project]"),
    ],
)
def test_a_finding_stands_at_the_line_that_locks_its_distribution(
    tmp_path: Path, files: tuple[str, ...], name: str, line: str
) -> None:
    """The lock's own table, not where another one requires it."""
    for file in files:
        source = LOCKS / ("requirements.txt" if file.startswith("requirements") else file)
        shutil.copy(source, tmp_path / file)
    project = read_project(FsPath(str(tmp_path)), print)
    texts = {FsPath(f"{tmp_path}/{file}"): (tmp_path / file).read_text() for file in files}
    dist = a_dist("MarkupSafe", extensions=("markupsafe/_speedups.so",))
    world = replace(facts(dist, project=project), disk=Disk.closed(texts=texts))
    finding = a_missing(f"{SITE}/markupsafe/_speedups.so", dist=dist)
    anchor = Anchors(a_diagnosis(finding, world=world).facts).of(finding)
    assert anchor.path == name
    lines = (tmp_path / name).read_text().splitlines()
    assert lines[anchor.line - 1] == line
    if name.endswith("lock"):
        assert lines[anchor.line - 2] == "[[package]]"


# ── a repository ─────────────────────────────────────────────────────────────────────────────────────────────────────


def git(*words: str, cwd: Path) -> None:
    """Git, without the settings of whoever runs the tests."""
    nobody = dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *words], cwd=cwd, env={**os.environ, **nobody}, capture_output=True, check=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose project lies below its top."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    top = tmp_path_factory.mktemp("the repository")
    (top / APP).mkdir(parents=True)
    for name in ("uv.lock", "pyproject.toml"):
        shutil.copy(LOCKS / name, top / APP / name)
    git("init", "-q", cwd=top)
    git("add", "-A", cwd=top)
    git("commit", "-qm", "x", cwd=top)
    return top


def spoiled(app: Path) -> None:
    """A venv in which the extension of MarkupSafe needs a library that is nowhere."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", app / ".venv"], check=True)
    (site,) = (app / ".venv" / "lib").glob("python*/site-packages")
    info = site / "MarkupSafe-3.0.2.dist-info"
    (site / "markupsafe").mkdir()
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: MarkupSafe\nVersion: 3.0.2\n")
    (site / "markupsafe" / "__init__.py").write_text("from . import _speedups\n")
    extension = f"markupsafe/_speedups{sysconfig.get_config_var('EXT_SUFFIX')}"
    (info / "RECORD").write_text(f"markupsafe/__init__.py,,\n{extension},,\n")
    (app / "gone.c").write_text("int gone(void) { return 1; }")
    (app / "user.c").write_text("int gone(void); int use(void) { return gone(); }")
    link = ["gcc", "-shared", "-fPIC", "-o"]
    subprocess.run([*link, app / "libgone.so.1", "-Wl,-soname,libgone.so.1", app / "gone.c"], check=True)
    subprocess.run([*link, site / extension, app / "user.c", app / "libgone.so.1"], check=True)
    for name in ("gone.c", "user.c", "libgone.so.1"):
        (app / name).unlink()


def places(top: Path, form: str) -> tuple[list[tuple[str, int]], list[str]]:
    """(path, line) of each thing that a report shows, and their fingerprints."""
    told = tool.run("check", f"{APP}/.venv", "-f", form, cwd=top)
    assert (told.returncode, told.stderr) == (1, "")
    if form == "github":
        annotations = Ended(0, told.stdout, "").annotations
        return [(one.properties["file"], int(one.properties["line"])) for one in annotations], []
    if form == "gitlab":
        entries = json.loads(told.stdout)
        where = [(one["location"]["path"], one["location"]["lines"]["begin"]) for one in entries]
        return where, [one["fingerprint"] for one in entries]
    (run,) = json.loads(told.stdout)["runs"]
    spots = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    where = [(unquote(one["artifactLocation"]["uri"]), one["region"]["startLine"]) for one in spots]
    return where, [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]


@pytest.mark.parametrize("form", ["sarif", "github", "gitlab"])
def test_paths_are_told_from_the_top_of_a_repository_or_a_worktree(repository: Path, tmp_path: Path, form: str) -> None:
    """As the platforms know them, in a detached worktree as well; the same alert in both."""
    tree = tmp_path / "a worktree, ö"
    git("worktree", "add", "-q", "--detach", str(tree), cwd=repository)
    for top in (repository, tree):
        if not (top / APP / ".venv").exists():
            spoiled(top / APP)
    here, there = places(repository, form), places(tree, form)
    assert here == there
    assert here[0] == [(f"{APP}/uv.lock", 39)]
    assert (repository / here[0][0][0]).read_text().splitlines()[38] == 'name = "markupsafe"'

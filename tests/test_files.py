"""Paths below a root are walked as after chroot(2): links begin again inside, and none leads out."""

from __future__ import annotations

import ast
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nixpydoctor
from nixpydoctor.files import HERE, MAX_LINKS, Files

NAMES = ("a", "b", "c", "d")

KERNEL = """
import json, os, sys
os.chroot(sys.argv[1]); os.chdir("/")
def told(path):
    try:
        if os.path.isdir(path):
            return "folder " + "/".join(sorted(os.listdir(path)))
        with open(path) as file:
            return file.read()
    except OSError:
        return None
json.dump([told(path) for path in json.load(sys.stdin)], sys.stdout)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root whose links want out in every way, with a secret beside it."""
    root = tmp_path / "root"
    (root / "usr/lib").mkdir(parents=True)
    (root / "usr/lib/libx.so").write_text("inside")
    (root / "lib").symlink_to("/usr/lib")
    (root / "usr/lib/libx.so.1").symlink_to("/lib/libx.so")
    (tmp_path / "secret").write_text("outside")
    for name, says in {
        "absolute": tmp_path / "secret",
        "climbing": "../secret",
        "far": "../" * 30 + str(tmp_path / "secret")[1:],
        "folder": tmp_path,
        "proc": "/proc/self/root",
        "round": "/round",
        "this": "other",
        "other": "this",
        "nowhere": "/gone/x",
        "back": "gone/../usr",
    }.items():
        (root / name).symlink_to(str(says))
    return root


@pytest.mark.parametrize(
    "path", ["/usr/lib/libx.so", "/lib/libx.so.1", "/../lib/../lib/libx.so", "//lib/./libx.so", "lib/libx.so"]
)
def test_absolute_links_and_dots_stay_inside(root: Path, path: str) -> None:
    files = Files(str(root))
    assert Path(files.at(path)).read_text() == "inside"
    assert files.isfile(path)
    assert files.exists(path)
    assert files.realpath(path) == "/usr/lib/libx.so"


@pytest.mark.parametrize(
    "path",
    [
        "/absolute", "/climbing", "/far", "/folder/secret", "/../secret", "/usr/../../secret", "/proc/secret",
        "/nowhere", "/back/lib/libx.so", "/gone/../lib/libx.so", "/usr/lib/libx.so/../libx.so", "/usr/\0/x",
    ],
)  # fmt: skip
def test_what_leads_out_or_nowhere_is_not_there(root: Path, path: str) -> None:
    files = Files(str(root))
    assert not files.exists(path)
    assert not files.isfile(path)
    assert not files.isdir(path)
    assert not files.runs(path)
    assert not files.lexists(f"{path}/secret")


@pytest.mark.parametrize("path", ["/round", "/this", "/round/x", "/other/../usr/lib/libx.so"])
def test_a_circle_is_an_error_and_no_answer(root: Path, path: str) -> None:
    files = Files(str(root))
    with pytest.raises(OSError, match="Too many levels"):
        files.at(path)
    assert not files.exists(path)
    assert files.realpath(path).startswith("/")
    assert files.islink("/round")
    assert files.lexists("/round")
    assert files.readlink("/this") == "other"


def test_as_many_links_are_followed_as_the_kernel_follows(tmp_path: Path) -> None:
    (tmp_path / "0").write_text("end")
    for number in range(1, MAX_LINKS + 2):
        (tmp_path / str(number)).symlink_to(f"/{number - 1}")
    files = Files(str(tmp_path))
    assert files.exists(f"/{MAX_LINKS}")
    assert not files.exists(f"/{MAX_LINKS + 1}")


def test_a_link_itself_is_looked_at_by_beside(root: Path) -> None:
    files = Files(str(root))
    assert files.beside("/lib") == f"{root}/lib"
    assert files.beside("/lib/libx.so.1") == f"{root}/usr/lib/libx.so.1"
    assert files.lexists("/nowhere")
    assert not files.lexists("/gone/x")


def test_a_walk_tells_the_targets_names(root: Path) -> None:
    found = {folder: sorted(names) for folder, _, names in Files(str(root)).walk("/lib")}
    assert found == {"/lib": ["libx.so", "libx.so.1"]}
    assert list(Files(str(root)).walk("/round")) == []


def test_this_machine_needs_no_translation(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("x")
    path = str(tmp_path / "link")
    assert HERE.at(path) == HERE.beside(path) == path
    assert (HERE.exists(path), HERE.lexists(path), HERE.readlink(path)) == (False, True, "x")
    assert Files("/").at("/etc") == "/etc"


def a_tree(root: Path, chance: random.Random) -> None:
    """Folders two deep, files that say where they are, and links to anywhere."""
    folders = [root, *(root / one for one in NAMES[:2]), *(root / one / two for one in NAMES[:2] for two in NAMES[:2])]
    for folder in folders:
        folder.mkdir()
    for folder in folders:
        for name in NAMES:
            place = folder / name
            if place.is_dir():
                continue
            if chance.random() < 0.4:
                place.write_text(f"at {place.relative_to(root)}")
            elif chance.random() < 0.8:
                place.symlink_to(a_path(chance))


def a_path(chance: random.Random) -> str:
    parts = chance.choices([*NAMES, "..", "."], k=chance.randint(1, 4))
    return "/".join(["", *parts] if chance.random() < 0.5 else parts) + chance.choice(["", "", "/"])


@pytest.mark.skipif(os.geteuid() != 0, reason="chroot(2) wants root")
def test_the_kernel_agrees_on_random_trees(tmp_path: Path) -> None:
    """What a chrooted process reads is what is read below the root."""
    compared = 0
    for seed in range(12):
        chance = random.Random(seed)
        root = tmp_path / str(seed)
        a_tree(root, chance)
        paths = [f"/{a_path(chance).lstrip('/')}" for _ in range(150)]
        files = Files(str(root))
        for path, expected in zip(paths, _chrooted(root, paths), strict=True):
            assert _told(files, path) == expected, (seed, path)
            compared += expected is not None
    assert compared > 100


def _told(files: Files, path: str) -> str | None:
    if files.isdir(path):
        return "folder " + "/".join(sorted(os.listdir(files.at(path))))
    try:
        with open(files.at(path), encoding="ascii") as file:
            return file.read()
    except OSError:
        return None


def _chrooted(root: Path, paths: list[str]) -> list[str | None]:
    command = [sys.executable, "-I", "-S", "-c", KERNEL, str(root)]
    ended = subprocess.run(command, input=json.dumps(paths), capture_output=True, text=True, check=True)
    answers: list[str | None] = json.loads(ended.stdout)
    return answers


# ── nobody goes around it ────────────────────────────────────────────────────────────────────────────────────────────

PACKAGE = Path(nixpydoctor.__file__).parent
TOUCH = {"os.stat", "os.lstat", "os.open", "os.listdir", "os.scandir", "os.readlink", "os.walk", "os.access", "open",
         "ZipFile", *(f"os.path.{name}" for name in ("exists", "lexists", "isfile", "isdir", "islink", "realpath",
                                                     "samefile", "getsize"))}  # fmt: skip
"""Functions that ask the kernel about a path."""
OWN = {
    "probes.child", "probes.cpu", "probes.inside", "probes.live", "probes.loader_says",
    "probes.proc", "probes.running", "probes.silence", "probes.sources",
    "landmarks.is_own", "probes.store.nix_store",
}  # fmt: skip
"""What only ever concerns this machine: its processor, its processes, and Pythons and loaders that are started."""


def test_whoever_reads_a_target_asks_where_its_files_are() -> None:
    """A path that goes to the kernel as it is would be one of this machine, and not of the root."""
    modules = [
        *(PACKAGE / f"{name}.py" for name in ("target", "landmarks", "shims")),
        *sorted((PACKAGE / "probes").glob("*.py")),
    ]
    calls = [call for module in modules for call in _calls(module)]
    assert len(calls) > 30
    assert [said for said, honest in calls if not honest] == []


def _calls(path: Path) -> Iterator[tuple[str, bool]]:
    """Each call that touches the disk: where it stands, and whether its path was translated."""
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if name in OWN:
        return
    owners = {id(inner): top.name for top in tree.body if isinstance(top, ast.FunctionDef) for inner in ast.walk(top)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in TOUCH and node.args:
            where = f"{name}.{owners.get(id(node), '')}"
            if where not in OWN:
                yield f"{where}:{node.lineno} {ast.unparse(node)}", _translated(node.args[0])


def _translated(argument: ast.expr) -> bool:
    if isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute):
        return argument.func.attr in ("at", "beside", "fileno")
    return isinstance(argument, ast.Name) and argument.id == "here"


def test_only_a_regular_file_is_read(tmp_path: Path) -> None:
    """A pipe would wait for a writer."""
    (tmp_path / "file").write_bytes(b"ab\xff")
    os.mkfifo(tmp_path / "pipe")
    for files, top in ((HERE, str(tmp_path)), (Files(str(tmp_path)), "")):
        assert files.start(f"{top}/file", 2) == b"ab"
        assert files.text(f"{top}/file", 9) == "ab\udcff"
        assert [files.start(f"{top}/{name}", 9) for name in ("pipe", "", "gone", "a\0b")] == [None] * 4

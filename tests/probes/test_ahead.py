"""A second process reads ahead, and what it tells is what this one would have read; without it nothing is missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from elf_bytes import Image
from nixpydoctor.facts import FsPath, Unread, join
from nixpydoctor.files import Files
from nixpydoctor.formats.elf import made
from nixpydoctor.probes import ahead as module
from nixpydoctor.probes import folders, fork
from nixpydoctor.probes.ahead import Ahead, of_venv
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.probes.folders import list_folder
from nixpydoctor.probes.surveying import survey
from probes.making import extension, install, site_packages, target, venv
from tool import PLAIN, started

DYNLOAD = FsPath(sysconfig.get_config_var("DESTSHARED"))


def mapped() -> tuple[FsPath, ...]:
    """What this very process has, its program first, without the modules that it has imported."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    paths = dict.fromkeys(line.split(maxsplit=5)[5] for line in lines if "/" in line and line.split()[1][2] == "x")
    program = os.path.realpath("/proc/self/exe")
    return (FsPath(program), *(FsPath(path) for path in paths if ".so" in path and "-packages/" not in path
                               and "/lib-dynload/" not in path and path != program))  # fmt: skip


BASE = mapped()


pytestmark = pytest.mark.usefixtures("two_processors")


@pytest.fixture
def ahead() -> Iterator[Ahead]:
    made = Ahead()
    yield made
    made.end()


def mixed(folder: Path) -> FsPath:
    """A folder with what may lie in one: objects, damaged ones, texts, a hostile name, links."""
    (folder / "pkg").mkdir()
    needs = ((b"libc.so.6", ((b"GLIBC_2.34", 0), (b"GLIBC_2.38", 2))),)
    whole = Image(needed=(b"libc.so.6", b"libz.so.1"), soname=b"libx.so", runpath=b"$ORIGIN", needs=needs)
    (folder / "pkg" / "whole.so").write_bytes(whole.build())
    (folder / "pkg" / "defines.so.3").write_bytes(Image(bits=32, defines=((b"X_1", 0),), rpath=b"/a:/b").build())
    (folder / "pkg" / "short.so").write_bytes(b"\x7fELF")
    (folder / "pkg" / "text.so").write_bytes(b"INPUT(libz.so)")
    (folder / os.fsdecode(b"b\xff\n.so")).write_bytes(Image(soname=b"\xfe").build())
    (folder / "gone.so").symlink_to("nowhere")
    (folder / "again.so").symlink_to("pkg/whole.so")
    (folder / "module.py").write_text("import os\n")
    return FsPath(str(folder))


def test_folders_and_objects_are_told_as_they_would_be_read(tmp_path: Path, ahead: Ahead) -> None:
    folder = mixed(tmp_path)
    told: list[Unread] = []
    noted: list[Unread] = []
    ahead.begin([folder])
    ahead.begin([DYNLOAD])  # it has begun
    ahead.all([folder, DYNLOAD])
    listing = ahead.listing(folder, told.append)
    assert listing == list_folder(folder, noted.append)
    assert told == noted != []
    assert ahead.listing(DYNLOAD, told.append) == list_folder(DYNLOAD, noted.append)
    reader = DiskReader()
    paths = [join(folder, name) for name in listing.objects] if listing is not None else []
    assert len(paths) == 6
    for path in paths:
        assert ahead.object(path) == reader.described(path)
    assert any(isinstance(ahead.object(path), Unread) for path in paths)


def all_others(paths: list[FsPath]) -> list[tuple[int, ...]]:
    """Each object needs all the others."""
    return [tuple(place for place in range(len(paths)) if place != own) for own in range(len(paths))]


def test_symbols_are_looked_up_as_they_would_be_here(ahead: Ahead) -> None:
    ahead.begin([DYNLOAD])
    ahead.all([])
    listing = ahead.listing(DYNLOAD, lambda unread: None)
    assert listing is not None
    paths = [join(DYNLOAD, name) for name in listing.objects]
    assert ahead.settled(BASE, paths, [], []) is None, "nobody has said what the base is"
    ahead.base(BASE)
    ahead.base(())
    assert ahead.settled((), paths, [], []) is None, "the first base is the one that is worked with"
    answer = ahead.settled(BASE, paths, all_others(paths), range(len(paths)))
    assert answer is not None
    alone = DiskReader().symbols
    told = {path for path in paths if alone.settled(path, BASE, tuple(one for one in paths if one != path), False)}
    assert answer() == answer() == told
    assert told
    assert ahead.settled(BASE, paths, all_others(paths), range(len(paths))) is None, "it looks up once"


def test_an_object_is_settled_by_what_its_scope_has(ahead: Ahead, tmp_path: Path) -> None:
    (tmp_path / "gives.c").write_text("int given(void) { return 1; }\n")
    (tmp_path / "takes.c").write_text("int given(void); int taken(void) { return given(); }\n")
    for name in ("gives", "takes"):
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", tmp_path / f"{name}.so", tmp_path / f"{name}.c"], check=True)
    folder = FsPath(str(tmp_path))
    paths = [join(folder, "takes.so"), join(folder, "gives.so")]
    ahead.begin([folder])
    ahead.all([])
    assert ahead.listing(folder, lambda unread: None)
    ahead.base(BASE)
    answer = ahead.settled(BASE, paths, [(1,), ()], [0, 1])
    assert answer is not None
    assert answer() == set(paths)
    for needs, settled in (([(1,), ()], True), ([(), ()], False), ([(0,), (0,)], False)):
        other = Ahead()
        other.begin([folder])
        other.all([])
        other.base(BASE)
        answer = other.settled(BASE, paths, needs, [0])
        assert answer is not None
        assert (paths[0] in answer()) == settled
        other.end()


def test_a_reader_asks_who_may_know_before_it_reads(tmp_path: Path, ahead: Ahead) -> None:
    path = join(mixed(tmp_path), "again.so")
    ahead.begin([FsPath(str(tmp_path))])
    ahead.all([])
    assert ahead.listing(FsPath(str(tmp_path)), lambda unread: None) is not None
    reader = DiskReader(ahead=ahead)
    told = ahead.object(path)
    assert isinstance(told, tuple)
    (tmp_path / "pkg" / "whole.so").unlink()
    assert reader.objects(path) == (made(path, told),)
    assert reader.objects(join(str(tmp_path), "pkg/whole.so")) is not None
    assert DiskReader().objects(path) is None


def test_nothing_begun_tells_nothing(ahead: Ahead) -> None:
    assert ahead.listing(DYNLOAD, lambda unread: None) is None
    with pytest.raises(KeyError):
        ahead.object(join(DYNLOAD, "x.so"))
    ahead.base(BASE)
    assert ahead.settled(BASE, [join(DYNLOAD, "x.so")], [()], [0]) is None


def test_who_is_not_told_all_folders_is_asked_for_no_symbols(ahead: Ahead) -> None:
    """As where the target turns out to be no plain Python: its folders are listed all the same."""
    ahead.begin([DYNLOAD])
    ahead.base(BASE)
    assert ahead.settled(BASE, [], [], []) is None
    assert ahead.listing(DYNLOAD, lambda unread: None) == list_folder(DYNLOAD, lambda unread: None)


def kill(*parts: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("stage", ["list_folder", "_told", "before symbols"])
def test_where_it_dies_everything_is_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: Ahead, stage: str
) -> None:
    folder = mixed(tmp_path)
    if stage == "before symbols":
        monkeypatch.setattr(fork.Line, "hear", _dies_in_the_child(os.getpid(), fork.Line.hear))
    else:
        monkeypatch.setattr(folders if stage == "list_folder" else module, stage, kill)
    ahead.begin([folder])
    ahead.all([])
    listing = ahead.listing(folder, lambda unread: None)
    assert (listing is None) == (stage == "list_folder")
    path = join(folder, "again.so")
    reader = DiskReader(ahead=ahead)
    assert reader.objects(path) == DiskReader().objects(path)
    ahead.base(BASE)
    answer = ahead.settled(BASE, [path], [()], [0])
    assert answer is None or answer() == frozenset()


def _dies_in_the_child(parent: int, hear: Callable[[fork.Line], object]) -> Callable[[fork.Line], object]:
    def maybe(line: fork.Line) -> object:
        if os.getpid() != parent:
            kill()
        return hear(line)

    return maybe


def test_who_lets_go_waits_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: Ahead) -> None:
    children: list[int] = []
    fork_one = os.fork

    def counted() -> int:
        children.append(fork_one())
        return children[-1]

    monkeypatch.setattr(os, "fork", counted)
    monkeypatch.setattr(folders, "list_folder", lambda *given, **named: signal.pause())
    ahead.begin([FsPath(str(tmp_path))])
    ahead.all([])
    ahead.end()
    with pytest.raises(ChildProcessError):
        os.waitpid(children[0], os.WNOHANG)


def test_a_survey_is_the_same_with_it_and_without(tmp_path: Path) -> None:
    real = extension()
    root = tmp_path / "v"
    install(site_packages(venv(root)), "demo", {"demo/__init__.py": "", f"demo/{real.name}": real.read_bytes()})
    (site_packages(root) / "damaged.so").write_bytes(b"\x7fELF")
    environ = {"PATH": os.defpath}
    done: list[str] = []
    ahead = Ahead()
    alone = survey(target(root), environ)
    beside = survey(target(root), environ, ahead=ahead, meanwhile=lambda: done.append("imports"))
    assert done == ["imports"]
    assert ahead.listing(FsPath(str(site_packages(root))), lambda unread: None) is not None
    assert (beside.main, beside.unread, beside.platform) == (alone.main, alone.unread, alone.platform)
    for dist in alone.main.dists:
        for path in dist.extensions:
            assert beside.disk.objects(path) == alone.disk.objects(path)
    ahead.end()


def test_what_is_begun_goes_on(tmp_path: Path, ahead: Ahead) -> None:
    (tmp_path / "other").mkdir()
    ahead.begin([mixed(tmp_path)])
    ahead.all([])
    ahead.begin([FsPath(str(tmp_path / "other"))])
    ahead.all([])
    assert ahead.listing(FsPath(str(tmp_path)), lambda unread: None) is not None
    assert ahead.listing(FsPath(str(tmp_path / "other")), lambda unread: None) is None


def test_a_venv_s_folders_are_known_before_anything_is_read(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    (root / "lib" / "python3.x").write_text("no folder")
    command = FsPath(str(root / "bin" / "python"))
    found = of_venv(FsPath(str(root)), command)
    layout = survey(target(root), {"PATH": os.defpath}).main.python
    assert layout is not None
    assert str(site_packages(root)) in found
    assert set(found) <= {entry.path for entry in layout.path}
    assert of_venv(FsPath(str(tmp_path / "none")), command) == []


def test_a_check_of_a_venv_begins_before_the_survey_is_imported(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    code = (
        "import os, sys; from nixpydoctor.probes import fork; fork.possible = lambda: True; first = os.fork\n"
        "def begun():\n"
        "    print('nixpydoctor.probes.surveying' in sys.modules, file=sys.stderr, flush=True); os.fork = first\n"
        "    return first()\n"
        f"os.fork = begun; {PLAIN}"
    )
    told = started("check", "--format", "json", str(root), env={"PATH": os.defpath}, code=code)
    assert (told.returncode, told.stderr) == (0, "False\n")


def test_a_root_is_read_as_such(tmp_path: Path, ahead: Ahead) -> None:
    (tmp_path / "opt" / "lib").mkdir(parents=True)
    (tmp_path / "opt" / "lib" / "x.so").write_bytes(Image(soname=b"x").build())
    (tmp_path / "lib").symlink_to("/opt/lib")
    files = Files(str(tmp_path))
    ahead.begin([FsPath("/lib")], files)
    ahead.all([])
    assert ahead.listing(FsPath("/lib"), lambda unread: None) == list_folder(FsPath("/lib"), print, files=files)
    assert ahead.object(FsPath("/lib/x.so")) == DiskReader(files).described(FsPath("/lib/x.so"))

"""A second process reads sources, and what it tells is what this one would have read; without it nothing is missing."""

from __future__ import annotations

import marshal
import os
import random
import signal
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from elf_bytes import Image
from nixpydoctor.doctor import diagnose
from nixpydoctor.edges import Source
from nixpydoctor.facts import FsPath
from nixpydoctor.findings import Finding
from nixpydoctor.imports import FEW
from nixpydoctor.probes import fork
from nixpydoctor.probes import sources_ahead as module
from nixpydoctor.probes.ahead import Ahead
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.probes.sources_ahead import SourcesAhead
from nixpydoctor.probes.surveying import survey
from probes.making import install, site_packages, target, venv

STDLIB = Path(sysconfig.get_path("stdlib"))
SOURCES = [
    FsPath(str(path))
    for pattern in ("*.py", "ctypes/*.py", "multiprocessing/*.py", "lib-dynload/_*.so")
    for path in sorted(STDLIB.glob(pattern))
]


pytestmark = pytest.mark.usefixtures("two_processors")


@pytest.fixture
def sources() -> Iterator[SourcesAhead]:
    made = SourcesAhead()
    yield made
    made.end()


def read(path: FsPath) -> Source | None:
    """As a walk reads it."""
    found = DiskReader().imports(path, exact=False)
    return found if isinstance(found, Source) else None


def nothing(path: FsPath, source: Source) -> Sequence[FsPath]:
    """What follows a source."""
    return ()


def told(sources: SourcesAhead, count: int) -> None:
    """Wait until so many are told."""
    end = time.monotonic() + 60
    while sources._claims is not None and sources._claims.count < count:
        assert time.monotonic() < end
        time.sleep(0.001)


def test_every_source_is_handed_over_as_it_is() -> None:
    for path in SOURCES:
        found = read(path)
        assert module._made(marshal.loads(marshal.dumps(module._plain(found)))) == found


def test_what_is_told_is_what_would_be_read(sources: SourcesAhead) -> None:
    sources.expect(SOURCES, read, nothing)
    told(sources, len(SOURCES))
    assert [sources.source(path) for path in SOURCES] == [read(path) for path in SOURCES]
    assert sources.source(SOURCES[0]) is None  # each is told once: whoever asks keeps it


def test_who_asks_at_the_same_time_gets_it_or_reads_it(sources: SourcesAhead) -> None:
    order = random.Random(7).sample(SOURCES, len(SOURCES))
    sources.expect(SOURCES, read, nothing)
    for path in order:
        expected = read(path)
        assert sources.source(path) in (None, expected)


def test_what_one_process_has_taken_the_other_leaves(sources: SourcesAhead, tmp_path: Path) -> None:
    gate = tmp_path / "open"

    def slowly(path: FsPath) -> Source | None:
        while not gate.exists():
            time.sleep(0.001)
        return read(path)

    sources.expect(SOURCES[:5], slowly, nothing)
    assert sources._claims is not None
    while not sources._claims.theirs(SOURCES[0]):
        time.sleep(0.001)
    assert [sources.source(path) for path in SOURCES[1:5]] == [None] * 4
    gate.touch()
    assert sources.source(SOURCES[0]) == read(SOURCES[0])
    assert not sources._hear()
    assert sources._told == {}


def test_what_follows_is_read_as_well_and_once(sources: SourcesAhead) -> None:
    first, *others = SOURCES[:6]
    sources.expect([first], read, lambda path, source: [first, *others, *others])
    told(sources, 6)
    assert [sources.source(path) for path in (*others, first)] == [read(path) for path in (*others, first)]
    assert not sources._hear()


def test_what_cannot_be_read_there_is_left_to_us(sources: SourcesAhead, tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("import (")
    sources.expect([FsPath(str(bad)), FsPath("/nowhere.py"), SOURCES[0]], read, nothing)
    told(sources, 3)
    assert sources.source(FsPath(str(bad))) is sources.source(FsPath("/nowhere.py")) is None
    assert sources.source(SOURCES[0]) == read(SOURCES[0])


def test_where_it_dies_everything_is_read_here(sources: SourcesAhead) -> None:
    here = os.getpid()

    def dies(path: FsPath) -> Source | None:
        if path == SOURCES[2] and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(path)

    sources.expect(SOURCES[:6], dies, nothing)
    told(sources, 2)
    assert [sources.source(path) for path in SOURCES[1:6]] == [read(SOURCES[1]), None, None, None, None]
    sources.end()
    assert sources.source(SOURCES[0]) == read(SOURCES[0])  # it had told that before


def test_two_paths_that_share_a_place_do_not_wait_for_each_other(
    sources: SourcesAhead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLOTS", 1)
    sources.expect(SOURCES[:4], read, nothing)
    told(sources, 4)
    assert [sources.source(path) for path in SOURCES[:4]] == [read(path) for path in SOURCES[:4]]
    assert sources.source(SOURCES[5]) is None


def test_where_there_is_no_second_process_nothing_is_told(
    sources: SourcesAhead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fork, "possible", lambda: False)
    sources.expect(SOURCES, read, nothing)
    assert sources.source(SOURCES[0]) is None


def test_a_walk_of_many_finds_the_same_with_it_and_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_packages(venv(tmp_path / "v"))
    lost = Image(needed=(b"liblost.so.9",), soname=b"ext").build()
    for number in range(FEW + 3):
        name, before = f"pkg{number}", f"pkg{number - 1}"
        texts: dict[str, bytes | str] = {
            "__init__.py": f"from . import inner, {'_ext' if number % 3 else 'other'}\nimport {before}\n",
            "inner.py": "try:\n    from .other import thing\nexcept ImportError:\n    thing = None\n",
            "other.py": "import os\nthing = 1\n",
            "_ext.abi3.so": lost,
        }
        install(site, name, {f"{name}/{file}": text for file, text in texts.items()})
    hits: list[FsPath] = []
    source = SourcesAhead.source

    def counted(sources: SourcesAhead, path: FsPath) -> Source | None:
        time.sleep(0.002)  # the other process has the better of it
        found = source(sources, path)
        if found is not None:
            hits.append(path)
        return found

    monkeypatch.setattr(SourcesAhead, "source", counted)

    def diagnosed(ahead: Ahead | None) -> tuple[Finding, ...]:
        return diagnose(survey(target(tmp_path / "v"), {"PATH": os.defpath}, ahead=ahead)).findings

    ahead = Ahead()
    try:
        beside = diagnosed(ahead)
    finally:
        ahead.end()
    assert hits
    assert beside == diagnosed(None) != ()

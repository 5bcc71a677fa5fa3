"""The knowledge of what distributions open is consistent, and is told for the versions that it speaks of."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from packaging.specifiers import SpecifierSet

from nixpydoctor import packaged
from nixpydoctor.facts import normalize
from nixpydoctor.knowledge import dlopens
from nixpydoctor.knowledge.dlopens import Candidate, Known, known

KEYS = {"dist", "versions", "modules", "names", "fatal", "source"}


def test_every_entry_is_whole_and_says_where_it_is_from() -> None:
    table = json.loads(packaged.text("knowledge/dlopens.json"))
    assert set(table) == {"entries"}
    for entry in table["entries"]:
        assert set(entry) == KEYS, entry
        assert entry["dist"] == normalize(entry["dist"])
        assert SpecifierSet(entry["versions"])
        assert entry["modules"]
        assert all(part.isidentifier() for module in entry["modules"] for part in module.split("."))
        assert entry["names"]
        assert all(one["name"] and one["how"] in ("dlopen", "find_library") for one in entry["names"])
        assert isinstance(entry["fatal"], bool)
        assert entry["source"].strip()


def test_no_two_entries_speak_of_the_same() -> None:
    entries = json.loads(packaged.text("knowledge/dlopens.json"))["entries"]
    told = [json.dumps([entry[key] for key in ("dist", "versions", "modules", "names")]) for entry in entries]
    assert len(told) == len(set(told))


PLAIN = {
    "dist": "sounds",
    "versions": ">=1,<2",
    "modules": ["sounds"],
    "names": [{"name": "portaudio", "how": "find_library"}, {"name": "libportaudio.so.2", "how": "dlopen"}],
    "fatal": True,
    "source": "sounds.py of 1.0",
}


@pytest.fixture
def _one_entry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    table = json.dumps({"entries": [PLAIN]})
    monkeypatch.setattr(packaged, "text", lambda name: table)
    dlopens._table.cache_clear()
    yield
    dlopens._table.cache_clear()


@pytest.mark.usefixtures("_one_entry")
@pytest.mark.parametrize(
    ("dist", "version", "count"),
    [("sounds", "1.0", 1), ("sounds", "1.9b1", 1), ("sounds", "2.0", 0), ("sounds", "what", 0), ("sound", "1.0", 0)],
    ids=["within", "a-prerelease", "beyond", "no-version", "another"],
)
def test_an_entry_speaks_of_its_versions_only(dist: str, version: str, count: int) -> None:
    names = (Candidate("portaudio", "find_library"), Candidate("libportaudio.so.2", "dlopen"))
    entry = Known("sounds", ">=1,<2", ("sounds",), names, True, "sounds.py of 1.0")
    assert known(dist, version) == (entry,) * count

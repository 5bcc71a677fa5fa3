"""A facts file holds everything that a report needs, nothing of its owner, and breaks with a sentence."""

from __future__ import annotations

import functools
import gzip
import json
import types
import typing
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import SITE, a_dist, an_object, facts
from nixpydoctor.codec import Codecs, MisfitError
from nixpydoctor.darwin import MachO
from nixpydoctor.disguise import Disguise, Owner
from nixpydoctor.disk import Disk
from nixpydoctor.edges import Source
from nixpydoctor.facts import Choice, Elf, Facts, FsPath, PathEntry, Platform, Process, Python, Unread, World
from nixpydoctor.loader.trace import How, LinkMap
from nixpydoctor.recording import NotRecorded, Recording
from nixpydoctor.replay import FactsFileError, dump, from_plain, load, to_plain

CODECS = Codecs({"Disk": Disk, "MachO": MachO}, {Disk: lambda: Disk(None)})
TEXT = st.text(alphabet=st.characters(), max_size=8)


def same(text: str) -> str:
    return text


@functools.cache
def strategy(hint: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of an annotation, surrogates and all; what refers to itself ends after a few rounds."""
    if isinstance(hint, typing.NewType):
        return strategy(hint.__supertype__, depth)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    few = 0 if depth > 3 else 2
    if origin in (typing.Union, types.UnionType):
        return st.one_of([strategy(arg, depth + 1) for arg in args])
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin is tuple and args[1:] == (Ellipsis,):
        one = st.deferred(lambda: strategy(args[0], depth + 1))
        return st.lists(one, max_size=few).map(tuple) if few else st.just(())
    if origin is tuple:
        return st.tuples(*(strategy(arg, depth + 1) for arg in args))
    if origin is frozenset:
        return st.frozensets(strategy(args[0], depth + 1), max_size=3)
    if origin is not None and issubclass(origin, Mapping):
        values = st.deferred(lambda: strategy(args[1], depth + 1))
        return st.dictionaries(strategy(args[0]), values, max_size=few)
    if hint is type(None):
        return st.none()
    if hint is Disk:
        return st.builds(lambda: Disk(None))
    if hint is str:
        return TEXT
    if hint in (int, bool):
        return st.from_type(hint)
    if issubclass(hint, tuple) or is_dataclass(hint):
        names = typing.get_type_hints(hint, localns={"Disk": Disk, "MachO": MachO})
        return st.fixed_dictionaries({name: strategy(kind, depth + 1) for name, kind in names.items()}).map(
            lambda values: hint(**values)
        )
    return st.sampled_from(hint)


def through_json(value: Any, hint: Any) -> Any:
    codec = CODECS.of(hint)
    return codec.decode(json.loads(json.dumps(codec.encode(value, same))))


# Annotations that between them reach every type that facts, edges and traces are made of.
KINDS = (World, Process, Platform, Choice, Elf, Unread, Source, Recording, LinkMap, Python)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_from_plain_undoes_to_plain(kind: type, data: st.DataObject) -> None:
    value = data.draw(strategy(kind))
    assert through_json(value, kind) == value


def test_every_annotation_of_facts_has_a_codec() -> None:
    assert CODECS.of(Facts).shape == "record"
    assert CODECS.of(Recording).shape == "record"


def test_enums_go_by_name() -> None:
    assert through_json(How.CACHE, How) is How.CACHE


class Odd:
    """No value that a facts file could hold."""


@pytest.mark.parametrize("hint", [Odd, object, dict[int, str], tuple[int, ...] | frozenset[int]])
def test_an_annotation_without_a_codec_is_refused_at_once(hint: Any) -> None:
    with pytest.raises(TypeError):
        CODECS.of(hint)


@pytest.mark.parametrize(
    ("kind", "plain", "words"),
    [
        (Unread, {"path": 1, "reason": "", "fatal": True}, "path: number, but expected text"),
        (Unread, {"path": "/a", "reason": "x"}, "Unread without fatal"),
        (Unread, {"path": "/a", "reason": "x", "fatal": 1}, "fatal: number, but expected flag"),
        (Unread, {"path": "/a", "reason": "x", "fatal": True, "more": 1}, "unknown field 'more'"),
        (Unread, [], "list, but expected Unread"),
        (Platform, {"system": "beos", "machine": "x"}, "system: none of nixos, linux, darwin"),
        (World, {"process": None}, "process: null, but expected Process"),
        (How, "SOMEHOW", "no How"),
        (Recording, {"objects": {"/": {"a": {"is": "Elf"}}}}, "Unread"),
        (Recording, {"names": {"/": {"a": [1]}}}, "'/': number, but expected text"),
        (Source, {"body": [{"is": "Goto"}]}, "body: none of"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_place(kind: Any, plain: Any, words: str) -> None:
    with pytest.raises(MisfitError, match=words.replace("(", r"\(")):
        CODECS.of(kind).decode(plain)


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def a_world() -> Facts:
    """Facts whose disk has been asked a few things, among them about something that does not exist."""
    world = facts(a_dist(extensions=("numpy/a.so",)), objects=[an_object(f"{SITE}/numpy/a.so", "libz.so.1")])
    for path in (f"{SITE}/numpy/a.so", f"{SITE}/gone.so", "/usr/lib/libz.so.1"):
        world.disk.objects(FsPath(path))
    world.disk.names(FsPath("/nowhere"))
    world.disk.link(FsPath("/nowhere/link"))
    return world


def test_a_file_gives_back_the_facts_and_every_answer() -> None:
    world = a_world()
    again = load(dump(world))
    assert replace(again, disk=world.disk) == world
    assert again.disk.recorded() == world.disk.recorded()


def test_an_answer_that_was_never_asked_is_not_taken_for_absence() -> None:
    again = load(dump(a_world()))
    assert again.disk.objects(FsPath(f"{SITE}/gone.so")) is None
    with pytest.raises(NotRecorded):
        again.disk.objects(FsPath(f"{SITE}/other.so"))


def test_a_compressed_file_is_read_as_it_is() -> None:
    world = a_world()
    assert load(gzip.compress(dump(world))).choice == world.choice


def test_the_same_facts_make_the_same_bytes() -> None:
    world = a_world()
    assert dump(world) == dump(world)


def test_a_file_is_ascii_whatever_the_names_are() -> None:
    odd = FsPath(b"/v/\xff\n\x1b[31m.so".decode("utf-8", "surrogateescape"))
    world = a_world()
    world.disk.objects(odd)
    data = dump(replace(world, unread=(Unread(odd, "file too short", True),)))
    assert data.isascii()
    assert load(data).unread[0].path == odd


def test_what_an_overlay_changed_is_not_recorded() -> None:
    world = a_world()
    added = FsPath("/opt/libz.so.1")
    changed = replace(world, disk=world.disk.overlay({added: (an_object(added),)}))
    assert added not in load(dump(changed)).disk.recorded().objects


GOOD = dump(a_world())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"\x00\xff\xfe", "not JSON"),
        (b"[]", "no facts_version"),
        (b"{}", "no facts_version"),
        (GOOD[: len(GOOD) // 2], "not JSON"),
        (gzip.compress(GOOD)[:-40], "not JSON"),
        (b"\x1f\x8b broken", "damaged"),
        (b'{"facts_version": 99}', "facts_version is '99'"),
        (b'{"facts_version": "1"}', "facts_version is '1'"),
        (b'{"facts_version": 1}', "expected Recording"),
        (b'{"facts_version": 1, "disk": {}}', "expected Facts"),
        (b'{"facts_version": 1, "disk": {}, "facts": {}}', "Facts without"),
        (b"[" * 100_000, "not JSON"),
        (b'{"facts_version": ' + b"9" * 10_000 + b"}", "not JSON"),
    ],
    ids=range(14),
)
def test_a_file_that_is_none_says_why(data: bytes, words: str) -> None:
    with pytest.raises(FactsFileError, match=words):
        load(data)


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(FactsFileError, match="larger than"):
        load(gzip.compress(b" " * 5_000_000), limit=2**20)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_damage_to_a_value_is_more_than_a_sentence(data: st.DataObject) -> None:
    """Whatever stands in the place of one value: the file loads or is refused, and never anything else."""
    plain = json.loads(GOOD)
    here = plain["facts"] if data.draw(st.booleans()) else plain["disk"]
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.integers(0, 3)) == 0:
            break
        here = here[key]
    here[key] = data.draw(st.sampled_from([None, 1, "x", [], {}, True, {"is": "Elf"}, [[]], -1, 1.5]))
    with suppress(FactsFileError):
        assert isinstance(from_plain(plain), Facts)


# ── whose machine it was ─────────────────────────────────────────────────────────────────────────────────────────────

ALICE = Owner("/home/alice", "alice")


def hidden(text: str, owner: Owner = ALICE) -> str:
    return Disguise(owner, {})(text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("/home/alice", "/home/user"),
        ("/home/alice/x/alice", "/home/user/x/user"),
        ("/home/alicia/x", "/home/alicia/x"),
        ("/home/alice.old", "/home/alice.old"),
        ("a /home/alice/x:/home/alice/y", "a /home/user/x:/home/user/y"),
        ("file:///home/alice/x", "file:///home/user/x"),
        ("/nix/var/nix/profiles/per-user/alice/profile", "/nix/var/nix/profiles/per-user/user/profile"),
        ("/var/home/alice/x", "/var/home/user/x"),
        ("/run/media/alice", "/run/media/user"),
        ("/etc/alice/x:/tmp/alice", "/etc/user/x:/tmp/user"),
        ("/nix/store/alice/x", "/nix/store/alice/x"),
        ("/v/lib/python3.12/site-packages/alice/x.so", "/v/lib/python3.12/site-packages/alice/x.so"),
        ("alice", "alice"),
        ("$ORIGIN/../alice.libs", "$ORIGIN/../alice.libs"),
    ],
)
def test_home_and_login_name_are_replaced_where_they_are_parts_of_paths(text: str, seen: str) -> None:
    assert hidden(text) == seen


@pytest.mark.parametrize(
    ("owner", "text", "seen"),
    [
        (Owner("/root", "root"), "/root/x:/etc/root", "/user/x:/etc/root"),
        (Owner("/home/nix", "nix"), "/home/nix/x:/nix/store", "/home/user/x:/nix/store"),
        (Owner("/", ""), "/usr/lib", "/usr/lib"),
        (Owner("", ""), "/usr/lib", "/usr/lib"),
        (Owner("relative", ""), "/usr/relative", "/usr/relative"),
        (Owner("/home/a+b.c", "a+b.c"), "/home/a+b.c/x:/home/axbxc", "/home/user/x:/home/axbxc"),
        (Owner("/home/alice/", "alice"), "/home/alice/x", "/home/user/x"),
        (Owner("/data/people/bob", "alice"), "/data/people/bob/x:/home/alice", "/data/people/user/x:/home/user"),
        (Owner("/home/\\1\udcff", ""), "/home/\\1\udcff/x", "/home/user/x"),
    ],
)
def test_unusual_owners_are_hidden_too(owner: Owner, text: str, seen: str) -> None:
    assert hidden(text, owner) == seen


def an_owned_world() -> Facts:
    home = "/home/alice"
    site = FsPath(f"{home}/app/.venv/lib/python3.12/site-packages")
    library = an_object(f"{site}/a.so", "libz.so.1", rpath=f"{home}/lib:$ORIGIN")
    world = replace(
        facts(replace(a_dist(), location=site, extensions=(library.path,)), objects=[library]),
        choice=Choice(f"{home}/app", "project", f"the current folder, {home}/app"),
        home=home,
        unread=(Unread(FsPath(f"{home}/x"), f"Permission denied: '{home}/x'", False),),
        started_with={"PYTHONPATH": f"{home}/lib"},
    )
    python = world.main.python
    assert python is not None
    python = replace(python, path=(PathEntry(site, "venv"),), prefix=FsPath(f"{home}/app/.venv"))
    process = replace(world.main.process, env={"PATH": f"{home}/bin:/usr/bin", "PYTHONPATH": f"/srv/alice:{home}"})
    disk = Disk.closed(
        [library],
        texts={FsPath(f"{home}/app/.venv/pyvenv.cfg"): f"home = {home}/.pyenv/bin\n"},
        links={FsPath("/srv/python"): FsPath("../home/alice/.pyenv"), FsPath(f"{home}/app/x"): FsPath("../alice")},
    )
    return replace(world, main=replace(world.main, python=python, process=process), disk=disk)


def test_no_trace_of_the_owner_is_left_anywhere() -> None:
    assert b"alice" in dump(an_owned_world())
    assert b"alice" not in dump(an_owned_world(), ALICE)


def test_every_recorded_path_still_leads_to_its_answer() -> None:
    again = load(dump(an_owned_world(), ALICE))
    site = again.main.dists[0].location
    assert again.home == "/home/user"
    assert site.startswith("/home/user/app")
    assert isinstance(again.disk.objects(again.main.dists[0].extensions[0]), tuple)
    assert again.disk.names(FsPath("/home")) == frozenset({"user"})
    assert again.disk.has(FsPath("/home/user"))
    assert again.disk.names(site) == frozenset({"a.so"})
    assert again.disk.link(FsPath("/srv/python")) == "/home/user/.pyenv"
    assert again.disk.text(FsPath("/home/user/app/.venv/pyvenv.cfg")) == "home = /home/user/.pyenv/bin\n"


def test_somebody_who_is_called_user_stays_somebody_else() -> None:
    disguise = Disguise(ALICE, {FsPath("/home"): frozenset({"alice", "user"})})
    assert disguise("/home/alice:/home/user") == "/home/user1:/home/user"


def test_all_fields_of_facts_are_recorded() -> None:
    plain = to_plain(an_owned_world())
    without_default = {field.name for field in fields(Facts) if field.name in ("main", "choice", "platform")}
    assert without_default <= set(plain["facts"])
    assert set(plain) == {"facts_version", "tool", "facts", "disk"}

"""`light` promises what `dataclasses` does: each test asks both."""

from __future__ import annotations

import dataclasses
import pickle
import sys
import typing
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from nixpydoctor import light
from nixpydoctor.facts import Arch, Elf, Process, World


def _classes(maker: ModuleType) -> tuple[Any, Any, Any, Any]:
    @maker.dataclass(frozen=True, slots=True)
    class Point:
        """Two numbers."""

        x: int
        y: int = 2
        notes: list[str] = maker.field(default_factory=list, compare=False, repr=False)

        @property
        def total(self) -> int:
            return self.x + self.y

    @maker.dataclass(frozen=True)
    class Named:
        name: str
        check: Callable[[], None] = maker.field(default=print, compare=False, repr=False)

    @maker.dataclass(slots=True)
    class Open:
        left: int = 0

    @maker.dataclass(slots=True, eq=False)
    class Lonely:
        left: int = 0

    return Point, Named, Open, Lonely


@pytest.fixture(params=[light, dataclasses], ids=["ours", "the standard's"])
def classes(request: pytest.FixtureRequest) -> tuple[Any, Any, Any, Any]:
    return _classes(request.param)


def test_fields_are_given_by_place_by_name_or_by_default(classes: Any) -> None:
    point, named, *_ = classes
    assert (point(1).x, point(1).y, point(1, 3).y, point(x=4, y=5).x) == (1, 2, 3, 4)
    assert (named("a").name, named("a").check) == ("a", print)
    for wrong in ([], [1, 2, [], 4]):
        with pytest.raises(TypeError):
            point(*wrong)
    with pytest.raises(TypeError):
        point(1, z=3)


def test_the_first_instance_is_made_as_the_hundredth_is(classes: Any) -> None:
    point, named, *_ = classes
    made = [(point(1, y=5), point(y=6, x=2), named("a", check=len)) for _ in range(100)]
    assert {(one.x, one.y, two.x, two.y, three.name, three.check) for one, two, three in made} == {
        (1, 5, 2, 6, "a", len)
    }
    assert len({id(one.notes) for one, *_ in made}) == 100


@pytest.mark.parametrize("earlier", [0, 100])
def test_arguments_that_do_not_fit_are_refused_whenever_they_come(classes: Any, earlier: int) -> None:
    point, *_ = classes
    for _ in range(earlier):
        point(1)
    for wrong, named in (((), {}), ((1, 2, [], 4), {}), ((1,), {"x": 1}), ((1,), {"z": 3}), ((), {"y": 3})):
        with pytest.raises(TypeError, match="__init__"):
            point(*wrong, **named)


def test_every_instance_gets_a_default_of_its_own_where_a_factory_makes_it(classes: Any) -> None:
    point, *_ = classes
    assert point(1).notes == []
    assert point(1).notes is not point(1).notes


def test_values_with_the_same_fields_are_equal(classes: Any) -> None:
    point, named, opened, lonely = classes
    assert point(1) == point(1, 2, ["not compared"]) != point(2)
    assert hash(point(1)) == hash(point(1, 2, ["not compared"]))
    assert named("a") == named("a", len) != named("b")
    assert opened(1) == opened(1) != opened(2)
    assert lonely(1) != lonely(1)
    assert point(1) != (1, 2)
    assert len({lonely(1), lonely(1)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(opened(1))


@pytest.mark.parametrize("number", [0, 1])
def test_what_is_frozen_stays_as_it_is(classes: Any, number: int) -> None:
    value = classes[number](1)
    for name in ("x", "name", "brand_new"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(value, name, 2)
        with pytest.raises((AttributeError, TypeError)):
            delattr(value, name)


def test_what_is_not_frozen_can_be_changed_but_gets_no_new_fields(classes: Any) -> None:
    value = classes[2](1)
    value.left = 2
    assert value.left == 2
    with pytest.raises(AttributeError):
        value.brand_new = 1


def test_a_value_shows_its_fields(classes: Any) -> None:
    point, named, *_ = classes
    assert repr(point(1)).endswith("Point(x=1, y=2)")
    assert repr(named("a")).endswith("Named(name='a')")


def test_patterns_and_properties_work(classes: Any) -> None:
    point, *_ = classes
    match point(1, 7):
        case point(x, y):
            assert (x, y) == (1, 7)
    assert point(1).total == 3
    assert point.__doc__ == "Two numbers."


@pytest.mark.parametrize("replace", [light.replace, dataclasses.replace])
def test_either_replace_takes_values_of_either_kind(classes: Any, replace: Callable[..., Any]) -> None:
    point, *_ = classes
    old = point(1, 5, ["kept"])
    new = replace(old, x=3)
    assert (new.x, new.y, new.notes, old.x) == (3, 5, ["kept"], 1)
    with pytest.raises(TypeError):
        replace(old, z=3)


def test_fields_are_told_to_whoever_asks(classes: Any) -> None:
    point, *_ = classes
    told = [(one.name, one.default, one.compare, one.repr) for one in dataclasses.fields(point)]
    missing, value = dataclasses.MISSING, point(1)
    assert dataclasses.is_dataclass(type(value))
    assert told == [("x", missing, True, True), ("y", 2, True, True), ("notes", missing, False, False)]
    assert dataclasses.asdict(value) == {"x": 1, "y": 2, "notes": []}


@pytest.mark.parametrize("base", [light.NamedTuple, typing.NamedTuple], ids=["ours", "the standard's"])
def test_named_tuples_are_what_typing_makes(base: Any) -> None:
    class Row(base):  # type: ignore[misc]
        """Two columns."""

        left: int
        right: tuple[str, ...] = ()

        @property
        def width(self) -> int:
            return len(self.right)

    row = Row(1, right=("a",))
    assert (row, Row(1), row._replace(left=2), row.width) == ((1, ("a",)), (1, ()), (2, ("a",)), 1)
    assert (repr(row), Row.__doc__) == ("Row(left=1, right=('a',))", "Two columns.")
    assert (Row.__module__, Row.__qualname__) == (__name__, f"{_here()}.<locals>.Row")
    assert (Row._fields, Row._field_defaults) == (("left", "right"), {"right": ()})
    assert typing.get_type_hints(Row) == {"left": int, "right": tuple[str, ...]}
    assert Row.__mro__ == (Row, tuple, object)
    assert pickle.loads(pickle.dumps(Arch(62, 64, True))) == (62, 64, True)
    with pytest.raises(TypeError):
        Row()
    with pytest.raises(AttributeError):
        row.left = 2
    assert Row.__match_args__ == ("left", "right")


def _here() -> str:
    return sys._getframe(1).f_code.co_qualname


def test_the_nouns_are_made_of_it() -> None:
    assert all(not hasattr(noun, "__dataclass_params__") for noun in (Elf, Process, World))

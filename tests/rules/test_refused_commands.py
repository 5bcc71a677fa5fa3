"""NPD605 speaks where this macOS refuses a file's load commands: by its version and the file's SDK."""

from __future__ import annotations

import pytest

from a_mac import a_mac, a_mac_dist, an_extension
from nixpydoctor.case import Case
from nixpydoctor.doctor import diagnose
from nixpydoctor.rules.refused_commands import refused_commands

EXT = "numpy.cpython-312-darwin.so"
TWICE = ("@loader_path", "@loader_path")


def spoken(macos: str, sdk: str, *, uuid: str | None = "00" * 16, rpaths: tuple[str, ...] = ()) -> list[str]:
    told = a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, sdk=sdk, uuid=uuid, rpaths=rpaths)], macos=macos)
    found = list(refused_commands.check(Case(told)))
    assert [one.rule.id for one in diagnose(told, remedies=()).findings] == ["NPD605"] * len(found)
    assert {finding.breaks for finding in found} <= {("numpy",)}
    return [finding.message.rpartition(": ")[2] for finding in found]


def test_a_search_path_that_is_there_twice() -> None:
    assert spoken("15.4", "15.4", rpaths=TWICE) == ["duplicate LC_RPATH '@loader_path'"]


@pytest.mark.parametrize(("macos", "sdk"), [("15.3", "15.4"), ("15.4", "11.3"), ("26.0", "15.4")])
def test_silent_where_this_macos_takes_it(macos: str, sdk: str) -> None:
    assert spoken(macos, sdk, rpaths=TWICE) == []


def test_an_object_without_an_identity_is_refused_by_a_newer_macos() -> None:
    assert spoken("15.4", "14.4", uuid=None) == ["missing LC_UUID load command"]
    assert spoken("15.3", "14.4", uuid=None) == []

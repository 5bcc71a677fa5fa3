"""NPD514 speaks of audit objects that the loader passes over."""

from __future__ import annotations

import pytest

from build import AARCH64, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, FsPath, Unread
from nixpydoctor.rules.audit_object import audit_object


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (None, "no such file"),
        (an_object("/a.so", arch=AARCH64), "for another machine"),
        (Unread(FsPath("/a.so"), "file too short", True), "file too short"),
    ],
)
def test_the_reason_is_told(held: Elf | Unread | None, reason: str) -> None:
    (finding,) = audit_object.check(Case(facts(objects=[held] if held is not None else [], env={"LD_AUDIT": "/a.so"})))
    assert finding.message.endswith(reason)


def test_silent_where_it_can_be_used_and_where_nothing_is_known() -> None:
    assert not list(audit_object.check(Case(facts(objects=[an_object("/a.so")], env={"LD_AUDIT": "/a.so:bare.so:"}))))
    assert not list(audit_object.check(Case(facts())))

"""The published list of variables that are kept is the list that is kept."""

from __future__ import annotations

import re
from pathlib import Path

from nixpydoctor.facts import ENVIRONMENT

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "share-a-case.md"


def test_every_variable_that_is_kept_is_on_the_page_about_sharing() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("The variables that are kept")[2]
    assert re.findall(r"`([A-Za-z_0-9]+)`", text) == [*ENVIRONMENT, "NIX_LD_x86_64_linux"]

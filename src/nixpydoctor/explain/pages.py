"""Finds the page that a word means: a rule's id or name, or a remedy's name.

The pages' own first lines are the catalogue, so that no rule has to be imported to print one.
"""

from __future__ import annotations

import difflib
import importlib.util
import pkgutil
import re
from collections.abc import Iterator, Sequence

from nixpydoctor import packaged
from nixpydoctor.light import NamedTuple

_PACKAGES = ("nixpydoctor.rules", "nixpydoctor.remedies")
_LOOK_ALIKE = str.maketrans("oil", "011")
_BETWEEN = re.compile(r"[\s_-]+")
_ROUND = " .,:;!?`'\""
"""What may stand around a name that somebody writes in a sentence."""
_NAME = re.compile(r"[Nn][Pp][Dd]\d*|[a-z0-9]+(?:-[a-z0-9]+)*")
_HEADING = re.compile(r"# (?:(?P<id>NPD\d{3}) )?(?P<name>[a-z0-9-]+): ")


class Page(NamedTuple):
    """What there is to read about a rule or a remedy."""

    names: tuple[str, ...]
    """A rule's id and name, or a remedy's name."""
    text: str
    """Markdown."""


def pages() -> Iterator[Page]:
    """Every page beside a module of a rule or a remedy."""
    for package in _PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in spec.submodule_search_locations or () if spec is not None else ():
            for module in pkgutil.iter_modules([folder]):
                try:
                    text = packaged.page(f"{package}.{module.name}")
                except OSError:
                    continue  # a module that rules or remedies share: it has no page
                heading = _HEADING.match(text)
                if heading is not None:
                    yield Page(tuple(name for name in heading.groups() if name), text)


def find(word: str, known: Sequence[Page]) -> Page | tuple[str, ...]:
    """The page that `word` names, however it is written; else the names that it may have meant, nearest first."""
    wanted = _BETWEEN.sub("-", word.strip(_ROUND)).casefold()
    spoken = {name.casefold(): (name, page) for page in known for name in page.names}
    if wanted in spoken:
        return spoken[wanted][1]
    if wanted.startswith("npd"):  # letters that look like digits; then ids that begin alike
        digits = "npd" + wanted[3:].translate(_LOOK_ALIKE)
        wanted = digits if digits in spoken else wanted
        alike = [name for name in spoken if name.startswith("npd") and name[:4] == wanted[:4]]
        near = difflib.get_close_matches(wanted, alike, n=3, cutoff=0.5)
    else:
        near = []
    near = near or difflib.get_close_matches(wanted, spoken, n=3, cutoff=0.5)
    return tuple(spoken[name][0] for name in near)


def is_name(word: str) -> bool:
    """Whether a word is shaped like an id or a name."""
    return _NAME.fullmatch(word.strip()) is not None

"""Finds the page that a word means: a rule's id or name, or a remedy's name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from nixpydoctor.findings import Rule
from nixpydoctor.remedies import REMEDIES
from nixpydoctor.rules import RULES
from nixpydoctor.treatments import Remedy


def find(
    word: str, rules: Sequence[Rule] = RULES, remedies: Sequence[Remedy] = REMEDIES
) -> Rule | Remedy | tuple[str, ...]:
    """What `word` names, capitals aside; else the names that it may have meant, nearest first."""
    wanted = word.strip().casefold()
    for rule in rules:
        if wanted in (rule.id.casefold(), rule.name):
            return rule
    for remedy in remedies:
        if wanted == remedy.name:
            return remedy
    names = [name for rule in rules for name in (rule.id, rule.name)] + [remedy.name for remedy in remedies]
    spoken = {name.casefold(): name for name in names}
    return tuple(spoken[near] for near in difflib.get_close_matches(wanted, spoken, n=3, cutoff=0.5))


def title(found: Rule | Remedy) -> str:
    """The first line above a page."""
    if isinstance(found, Rule):
        return f"{found.id} {found.name}: {found.title}"
    return f"{found.name}: {found.title}"

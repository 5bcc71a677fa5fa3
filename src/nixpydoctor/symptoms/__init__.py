"""Reads an error text: finds the messages that are known in it, which of them is decisive, and which rules they mean.

A text is searched for strings first; a regular expression only sees the few characters around one. So neither the
length of a log nor what a stranger wrote into it decides how long this takes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from nixpydoctor.findings import Rule, Severity
from nixpydoctor.knowledge.messages import ANY, MASK, VAGUE, Message, messages
from nixpydoctor.light import dataclass, field
from nixpydoctor.symptoms.chain import Link, chains
from nixpydoctor.symptoms.clues import Clues, clues
from nixpydoctor.symptoms.literals import literals
from nixpydoctor.symptoms.paste import bare, mended, plain

_BEFORE = 400
_AFTER = 600
"""Characters around a string that a regular expression sees."""
_FIRST_TRIES, _LAST_TRIES, _ALL_TRIES = 12, 36, 5000
"""Places where one expression is tried, and all of them together."""
_SHOWN = 400
"""Characters of a line that is repeated."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A line that holds a known message."""

    line: int
    """Counted from 1."""
    text: str
    message: Message | None
    rules: tuple[Rule, ...]
    """The rules whose symptoms it shows, the most special first."""
    said: Mapping[str, str]
    """What the expressions captured: `soname`, `path`, `module`, `version`, …"""

    @property
    def weight(self) -> int:
        """How much it tells."""
        return self.message.weight if self.message is not None else _RULE


@dataclass(frozen=True, slots=True)
class Told:
    """What a text tells."""

    lines: int
    decisive: Sign | None = None
    others: tuple[Sign, ...] = ()
    """Other messages that tell what is wrong, the nearest first, each once."""
    masks: tuple[Sign, ...] = ()
    """What hides the decisive message and only follows from it."""
    clues: Clues = field(default_factory=Clues)
    links: int = 1
    """Exceptions in the decisive chain."""
    link: int = 0
    """Which of them is decisive."""


_RULE = 40
"""The weight of a message that only a rule knows."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    text: str
    owner: Rule | Message

    @property
    def regex(self) -> re.Pattern[str]:
        return _compiled(self.text)


@cache
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text)


def read(text: str, rules: Sequence[Rule]) -> Told:
    """What a text tells, of those messages that the rules and `knowledge` know."""
    lines = plain(text)
    unprefixed = [bare(line) for line in lines]
    readings = [lines, *mended(unprefixed), *(mended(lines) if unprefixed != lines else ())]
    signs = [(reading, _signs(reading, rules)) for reading in readings]
    best, found = max(signs, key=lambda one: _worth(one[1], one[0]))
    if not found:
        return Told(len(lines))
    links = chains(best)
    decisive = _decisive(found, links)
    link, number = _link_of(decisive, links)
    near = sorted(found, key=lambda sign: abs(sign.line - decisive.line))
    others = {_key(sign): sign for sign in reversed(near) if sign.weight > MASK and _key(sign) != _key(decisive)}
    masks = {_key(sign): sign for sign in reversed(found) if sign.weight == MASK and _key(sign) != _key(decisive)}
    return Told(
        lines=len(lines),
        decisive=decisive,
        others=tuple(reversed(others.values())),
        masks=tuple(reversed(masks.values())),
        clues=clues(best, decisive.line),
        links=number,
        link=link,
    )


# ── finding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _signs(lines: list[str], rules: Sequence[Rule]) -> list[Sign]:
    """Every line that holds something known, from the first to the last."""
    found: dict[int, list[tuple[_Pattern, re.Match[str]]]] = {}
    for number, pattern, match in _matches(lines, _patterns(tuple(rules))):
        found.setdefault(number, []).append((pattern, match))
    return [_sign(number, bare(lines[number]), found[number], rules) for number in sorted(found)]


def _sign(number: int, line: str, matches: list[tuple[_Pattern, re.Match[str]]], rules: Sequence[Rule]) -> Sign:
    known = [pattern.owner for pattern, _ in matches if isinstance(pattern.owner, Message)]
    message = min(known, key=lambda one: one.rank, default=None)
    if message is not None and message.weight == ANY and any(isinstance(one.owner, Rule) for one, _ in matches):
        message = None
    said: dict[str, str] = {}
    for pattern, match in matches:
        if pattern.owner is message or not isinstance(pattern.owner, Message):
            said |= {name: text for name, text in match.groupdict().items() if text and name not in said}
    spoken = {pattern.owner: pattern.text for pattern, _ in matches if isinstance(pattern.owner, Rule)}
    order = list(spoken)
    if len(spoken) > 1:  # what is only worth a note has made nothing fail
        spread = _spread(tuple(rules))
        order.sort(key=lambda rule: (rule.severity is Severity.NOTE, spread[spoken[rule]]))
    return Sign(number + 1, line.strip()[:_SHOWN], message, tuple(order), said)


def _matches(lines: list[str], patterns: Iterable[_Pattern]) -> Iterator[tuple[int, _Pattern, re.Match[str]]]:
    """Where each pattern matches: `(index of the line, pattern, match)`."""
    text = "\n".join(lines)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    tries = 0
    for pattern in patterns:
        seen: set[tuple[int, int]] = set()
        for place in _places(text, pattern):
            number = bisect_right(starts, place) - 1
            column = place - starts[number]
            if (number, column // _BEFORE) in seen:
                continue
            seen.add((number, column // _BEFORE))
            tries += 1
            if tries > _ALL_TRIES:
                return
            match = _match(pattern, lines, number, column)
            if match is not None:
                yield number, pattern, match


def _places(text: str, pattern: _Pattern) -> Iterator[int]:
    """Where a string stands that each match must hold: the first places and the last ones."""
    for literal in literals(pattern.text):
        first: list[int] = []
        at = text.find(literal)
        while at >= 0 and len(first) < _FIRST_TRIES:
            first.append(at)
            at = text.find(literal, at + len(literal))
        yield from first
        floor = first[-1] + len(literal) if first else len(text)
        at = text.rfind(literal, floor)
        for _ in range(_LAST_TRIES):
            if at < 0:
                break
            yield at
            at = text.rfind(literal, floor, at)


def _match(pattern: _Pattern, lines: list[str], number: int, column: int) -> re.Match[str] | None:
    """The match around a place: in its line, or across a line's end where the expression allows for one."""
    start = max(0, column - _BEFORE)
    part = lines[number][start : column + _AFTER]
    match = pattern.regex.search(part)
    if match is not None or r"\s" not in pattern.text:
        return match
    after = bare(lines[number + 1])[:_AFTER].strip() if number + 1 < len(lines) else ""
    before = bare(lines[number - 1])[-_BEFORE:].strip() if number else ""
    return pattern.regex.search(f"{part} {after}") or pattern.regex.search(f"{before} {part.strip()}")


@cache
def _patterns(rules: tuple[Rule, ...]) -> tuple[_Pattern, ...]:
    known = [_Pattern(text, message) for message in messages() for text in message.patterns]
    return (*known, *(_Pattern(symptom, rule) for rule in rules for symptom in rule.symptoms))


@cache
def _spread(rules: tuple[Rule, ...]) -> Mapping[str, int]:
    """Symptom → how many of the messages that the rules' pages show it matches: the fewer, the more special it is."""
    shown = list(dict.fromkeys(line for rule in rules for line in shown_symptoms(rule.page)))
    spread: dict[str, int] = {symptom: 0 for rule in rules for symptom in rule.symptoms}
    for number, pattern, match in _matches(shown, (one for one in _patterns(rules) if isinstance(one.owner, Rule))):
        del number, match
        spread[pattern.text] += 1
    return spread


def shown_symptoms(page: str) -> Iterator[str]:
    """The messages that a rule's page shows under Symptoms."""
    section = page.partition("\n## Symptoms\n")[2].partition("\n## ")[0]
    for block in section.split("```")[1::2]:
        yield from (line for line in block.splitlines()[1:] if line.strip())


# ── weighing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _worth(signs: list[Sign], lines: list[str]) -> tuple[int, int, int]:
    """How much a reading tells: where a broken line was mended, more of a name or of a message is there."""
    if not signs:
        return (-1, 0, 0)
    sign = _decisive(signs, chains(lines))
    return sign.weight, sum(map(len, sign.said.values())), -sign.message.rank if sign.message is not None else 0


def _decisive(signs: Sequence[Sign], links: Sequence[Link]) -> Sign:
    """Of the messages that tell most, the first one of the last chain: the others follow from it.

    What only masks another exception gives way to any that its own chain shows before it.
    """
    weight = max(sign.weight for sign in signs)
    last = [sign for sign in signs if sign.weight == weight][-1]
    chain = _chain_of(last, links)
    if chain is None:
        return last
    together = [sign for sign in signs if _chain_of(sign, links) == chain]
    least = VAGUE if weight <= MASK else weight
    return next((sign for sign in together if sign.weight >= least and sign.weight != MASK), last)


def _chain_of(sign: Sign, links: Sequence[Link]) -> int | None:
    return next((link.chain for link in reversed(links) if link.start < sign.line <= link.end), None)


def _link_of(sign: Sign, links: Sequence[Link]) -> tuple[int, int]:
    """Which link of how many a sign belongs to, from 0."""
    chain = _chain_of(sign, links)
    together = [link for link in links if link.chain == chain]
    if chain is None or not together:
        return 0, 1
    return next(number for number, link in enumerate(together) if link.start < sign.line <= link.end), len(together)


def _key(sign: Sign) -> tuple[str, str]:
    """Two signs with the same key tell the same."""
    name = sign.message.name if sign.message is not None else "".join(rule.id for rule in sign.rules[:1])
    return name, next((sign.said[key] for key in ("soname", "module", "version", "path") if key in sign.said), "")

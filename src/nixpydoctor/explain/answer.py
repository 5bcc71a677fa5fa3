"""Explains what somebody pasted: what the decisive message means, what may cause it, and which cause is seen here.

A cause is confirmed only where a finding of this machine speaks of the same library, version, symbol, path or module
as the text. Everything else is ranked, and the command is named that would decide.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from nixpydoctor.explain.matching import agree
from nixpydoctor.findings import Finding, Rule
from nixpydoctor.knowledge.advice import Advice, wrong
from nixpydoctor.knowledge.messages import FOREIGN, Meaning, Message
from nixpydoctor.knowledge.sonames import attribute
from nixpydoctor.light import dataclass, field
from nixpydoctor.symptoms import Sign, Told

if TYPE_CHECKING:
    from nixpydoctor.doctor import Diagnosis

_NAMED = re.compile(r"(?<!\$)\{(\w+)\}")
_QUOTED = re.compile(r"`\{(\w+)\}`")
_UNNAMED: Mapping[str, str] = {
    "soname": "the library",
    "path": "the file",
    "module": "the module",
    "symbol": "the symbol",
    "program": "the program",
    "version": "that version",
    "known": "",
}
"""What stands in a sentence where the text does not say it."""
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z`])")
_GLANCE = 300
_ADVICE = 5


@dataclass(frozen=True, slots=True)
class Cause:
    """A rule that may be behind the text."""

    rule: Rule
    findings: tuple[Finding, ...] = ()
    """What confirms it on this machine; empty where nothing does."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What there is to say about a text."""

    told: Told
    meanings: tuple[tuple[str, str], ...] = ()
    """`("numpy >=1.25,<2.4", sentence)`; one without a version where it is known or does not matter."""
    causes: tuple[Cause, ...] = ()
    """Confirmed ones first, then the likeliest."""
    looked: Diagnosis | None = None
    why_not: str = ""
    """Why nobody looked at this machine, as a clause."""
    decide: str = ""
    """The one command that would decide, to be run where the text comes from."""
    helps: str = ""
    absent: str = ""
    """A module that no distribution of the machine's Python brings: then it is plainly not installed."""
    supplied_by: str = ""
    """The nixpkgs attribute of the library that the text names, or whose it is."""
    wrong: tuple[Advice, ...] = field(default=())

    @property
    def confirmed(self) -> tuple[Cause, ...]:
        """The causes that were seen on this machine."""
        return tuple(cause for cause in self.causes if cause.findings)

    @property
    def foreign(self) -> bool:
        """Whether the text is about something else, or about nothing that is known."""
        return self.told.decisive is None or self.told.decisive.weight <= FOREIGN


def explain(told: Told, rules: Sequence[Rule], looked: Diagnosis | None = None, why_not: str = "") -> Explanation:
    """What a text means, with the diagnosis of the machine that it comes from where there is one."""
    sign = told.decisive
    if sign is None:
        return Explanation(told)
    if sign.weight <= FOREIGN:
        return Explanation(told, _meanings(told, sign, looked), helps=_filled(sign.message, sign, "helps"))
    causes = _causes(told, sign, rules, looked)
    absent = _absent(sign, looked) if not any(cause.findings for cause in causes) else ""
    causes = () if absent else causes
    names = [cause.rule.name for cause in causes if not looked or cause.findings] or [one.rule.name for one in causes]
    about = [*([sign.message.name] if sign.message is not None else ()), *names[:1]]
    return Explanation(
        told=told,
        meanings=_meanings(told, sign, looked),
        causes=causes,
        looked=looked,
        why_not=why_not,
        decide=_decide(told, sign),
        # What was seen here is more than what helps in general.
        helps="" if any(cause.findings for cause in causes) else _filled(sign.message, sign, "helps"),
        absent=absent,
        supplied_by=_supplier(sign.said.get("soname", "")),
        wrong=tuple(one for one in wrong(about, _in_store(told, looked)) if not _refused(one, looked))[:_ADVICE],
    )


# ── causes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _causes(told: Told, sign: Sign, rules: Sequence[Rule], looked: Diagnosis | None) -> tuple[Cause, ...]:
    """The rules that the message speaks of, and any other that was found about the same thing."""
    by_name = {rule.name: rule for rule in rules}
    named = (by_name[name] for meaning in _meant(told, sign, looked) for name in meaning.rules if name in by_name)
    own = list(dict.fromkeys([*named, *sign.rules]))
    if looked is None:
        return tuple(map(Cause, own))
    masks = (rule for mask in told.masks for rule in (*_named_by(mask, by_name), *mask.rules))
    ranked = list(dict.fromkeys([*own, *masks]))
    seen: dict[Rule, list[Finding]] = {rule: [] for rule in ranked}
    for finding in looked.findings:
        if agree(finding, told, looked.facts, expected=finding.rule in ranked):
            seen.setdefault(finding.rule, []).append(finding)
    found = [Cause(rule, tuple(findings)) for rule, findings in seen.items() if findings or rule in own]
    order = {rule: number for number, rule in enumerate(seen)}
    return tuple(sorted(found, key=lambda cause: (not cause.findings, -_worst(cause), order[cause.rule])))


def _named_by(mask: Sign, by_name: Mapping[str, Rule]) -> Iterator[Rule]:
    """The rules of what hides the decisive message: they count only where they are seen."""
    meanings = mask.message.meanings if mask.message is not None else ()
    return (by_name[name] for meaning in meanings for name in meaning.rules if name in by_name)


def _worst(cause: Cause) -> int:
    return max((finding.severity for finding in cause.findings), default=0)


def _absent(sign: Sign, looked: Diagnosis | None) -> str:
    """The module of a plain requirement, where the machine's Python has no distribution that brings it."""
    if looked is None or sign.message is None or sign.message.about != "requirement" or "module" not in sign.said:
        return ""
    top = sign.said["module"].partition(".")[0]
    beside = looked.facts.beside
    dists = (*looked.facts.main.dists, *(beside.dists if beside is not None else ()))
    brought = any(top in dist.top_level for dist in dists)
    return "" if brought else top


def _supplier(soname: str) -> str:
    known = attribute(soname) if ".so" in soname else None
    if known is None or known.forbidden:
        return ""
    return "the GPU driver" if known.driver else known.attr


def _refused(advice: Advice, looked: Diagnosis | None) -> bool:
    """Whether the report already says, with this machine's own reason, that a remedy is not offered."""
    return (
        looked is not None
        and "nix-ld" in advice.says
        and any(one.remedy.name == "nix-ld" for one in looked.not_offered)
    )


def _in_store(told: Told, looked: Diagnosis | None) -> bool | None:
    """Whether the Python is Nix's: its loader lies in the store."""
    if looked is not None and looked.facts.main.process.interp is not None:
        return looked.facts.main.process.interp.startswith("/nix/store/")
    return told.clues.in_store


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _meant(told: Told, sign: Sign, looked: Diagnosis | None) -> Iterator[Meaning]:
    """The meanings for the version of numpy that the text or the machine tells; all where nobody does."""
    if sign.message is None:
        return
    version = told.clues.numpy or _numpy_here(looked)
    for meaning in sign.message.meanings:
        if not meaning.numpy or not version or _within(version, meaning.numpy):
            yield meaning


def _meanings(told: Told, sign: Sign, looked: Diagnosis | None) -> tuple[tuple[str, str], ...]:
    if sign.message is None:
        return (("", _first_words(sign.rules[0].page)),) if sign.rules else ()
    found = list(_meant(told, sign, looked))
    alone = len(found) == 1
    return tuple(("" if alone else f"numpy {one.numpy}", _fill(one.text, sign.message, sign)) for one in found)


def _numpy_here(looked: Diagnosis | None) -> str:
    if looked is None:
        return ""
    return next((dist.version for dist in looked.facts.main.dists if dist.key == "numpy"), "")


def _within(version: str, specifier: str) -> bool:
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion

    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except InvalidVersion:
        return True


def _first_words(page: str) -> str:
    """What a page begins with: as many sentences as are read at a glance."""
    section = page.partition("## What it means\n")[2].strip()
    said = ""
    for sentence in _SENTENCE.split(" ".join(section.partition("\n\n")[0].split())):
        if said and len(said) + len(sentence) > _GLANCE:
            break
        said = f"{said} {sentence}".strip()
    return said


def _filled(message: Message | None, sign: Sign, what: str) -> str:
    return _fill(getattr(message, what), message, sign) if message is not None else ""


def _fill(text: str, message: Message, sign: Sign) -> str:
    """The sentence with what the text says in the places of its names."""
    module = sign.said.get("module", "").partition(".")[0]
    known = f"The distribution that holds it is called {message.names[module]}. " if module in message.names else ""
    words = {**_UNNAMED, **sign.said, "known": known}
    text = _QUOTED.sub(lambda name: name[0] if name[1] in sign.said else words.get(name[1], name[0]), text)
    return _NAMED.sub(lambda name: words.get(name[1], name[0]), text)


def _decide(told: Told, sign: Sign) -> str:
    """The command of the message, else a check of the Python that the text names."""
    message = sign.message
    if message is not None and message.decide and all(name in sign.said for name in _NAMED.findall(message.decide)):
        return _NAMED.sub(lambda name: shlex.quote(sign.said[name[1]]), message.decide)
    if message is not None and not sign.rules and not any(one.rules for one in message.meanings):
        return ""
    clues = told.clues
    for root in clues.sites:
        return f"nixpydoctor check {shlex.quote(root)}"
    for executable in clues.executables:
        return f"nixpydoctor check --python {shlex.quote(executable)}"
    return "nixpydoctor check"

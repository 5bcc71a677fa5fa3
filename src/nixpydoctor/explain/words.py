"""Finds what a few words mean: `source directory`, `libz`, `externally managed`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nixpydoctor.explain.pages import Page
from nixpydoctor.knowledge.messages import Message, messages
from nixpydoctor.light import dataclass

_WORD = re.compile(r"[\w+.]+")
_NOISE_TEXT = """
a an and are as at be but by can cannot do does error errors exception fails failed failure for from get getting have
how i if import in is it mean means message my no not of on or problem python the this to warning what when why with
"""
_NOISE = frozenset(_NOISE_TEXT.split())
_MOST = 12
"""Words of a question; what is longer is a text."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A page or a message that the words may mean."""

    about: Page | Message
    score: int


def topics(arguments: Sequence[str], pages: Iterable[Page]) -> list[Topic]:
    """What holds every word that matters, the best first. Words of one argument stay together where they can."""
    words = [word for word in _words(" ".join(arguments)) if word not in _NOISE]
    phrases = [" ".join(_words(argument)) for argument in arguments if " " in argument.strip()]
    if not words or len(words) > _MOST:
        return []
    found = [Topic(message, _score(words, phrases, _of_message(message))) for message in messages()]
    found += [Topic(page, _score(words, phrases, _of_page(page))) for page in pages]
    return sorted((topic for topic in found if topic.score), key=lambda topic: -topic.score)


def _score(words: list[str], phrases: list[str], fields: tuple[str, ...]) -> int:
    """Words in a name count most, then those in a title, in a message, in the prose; 0 where one is nowhere."""
    tokens = [set(_words(text)) for text in fields]
    score = 0
    for word in words:
        best = max((weight for weight, held in zip((12, 8, 4, 1), tokens, strict=True) if word in held), default=0)
        if not best:
            return 0
        score += best
    flat = [" ".join(_words(text)) for text in fields]
    return score + sum(6 for phrase in phrases if any(phrase in text for text in flat))


def _of_message(message: Message) -> tuple[str, str, str, str]:
    return (
        "",
        f"{message.name} {message.words}",
        "\n".join(message.examples),
        "\n".join([*(one.text for one in message.meanings), message.helps]),
    )


def _of_page(page: Page) -> tuple[str, str, str, str]:
    title, _, text = page.text.partition("\n")
    shown = text.partition("## Symptoms\n")[2].partition("\n## ")[0]
    return " ".join(page.names), title, shown, text


def _words(text: str) -> list[str]:
    return [word.strip(".") for word in _WORD.findall(text.casefold().replace("-", " ").replace("_", " "))]

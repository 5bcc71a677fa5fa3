"""What known messages mean beyond the rules' own symptoms: the data of `messages.toml`, read on first use.

An entry speaks where one sentence has several causes, where its meaning depends on a version, where no rule of this
version examines what it is about, or where it only looks like trouble with libraries and paths.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from nixpydoctor import packaged
from nixpydoctor.light import dataclass, field

ANY, FOREIGN, VAGUE, MASK, USUAL = 5, 10, 20, 30, 40
"""Weights: any exception; about something else; could be many things; hides the true message; tells what is wrong."""
_WEIGHTS = {"any": ANY, "foreign": FOREIGN, "vague": VAGUE, "mask": MASK, "usual": USUAL}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a message means, for some versions."""

    text: str
    """Prose; `{soname}` and the like stand for what the message says."""
    rules: tuple[str, ...]
    """Names of the rules that may be behind it, the likeliest first."""
    numpy: str = ""
    """PEP 440 specifier of the versions of numpy that mean it so; empty for all."""


@dataclass(frozen=True, slots=True)
class Message:
    """A known message."""

    name: str
    rank: int
    """Its place in the file: where several match a line, the first one counts."""
    patterns: tuple[str, ...]
    about: str
    """`loading`, `imports`, `venv`, `nix`, `gpu`, `macos`, `embedding`, `look-alike`, `requirement` or `other`."""
    weight: int
    meanings: tuple[Meaning, ...]
    examples: tuple[str, ...]
    """Real lines."""
    decide: str = ""
    """The command that decides what it is, where that is not `check`."""
    helps: str = ""
    """What to do, where no rule's page says it."""
    words: str = ""
    """Other words by which people ask for it."""
    names: dict[str, str] = field(default_factory=dict, compare=False)
    """What `{known}` stands for, by module."""


@cache
def messages() -> tuple[Message, ...]:
    """Every known message, the special before the general."""
    plain = tomllib.loads(packaged.text("knowledge/messages.toml"))["message"]
    return tuple(_message(rank, entry) for rank, entry in enumerate(plain))


def _message(rank: int, plain: dict[str, Any]) -> Message:
    meanings = plain.get("meaning") or [{"text": plain["means"]}]
    return Message(
        name=plain["name"],
        rank=rank,
        patterns=tuple(plain["patterns"]),
        about=plain["about"],
        weight=_WEIGHTS[plain.get("weight", "usual")],
        meanings=tuple(
            Meaning(_prose(one["text"]), tuple(one.get("rules", plain.get("rules", ()))), one.get("numpy", ""))
            for one in meanings
        ),
        examples=tuple(plain["examples"]),
        decide=plain.get("decide", ""),
        helps=_prose(plain.get("helps", "")),
        words=plain.get("words", ""),
        names=plain.get("names", {}),
    )


def _prose(text: str) -> str:
    return " ".join(text.split())

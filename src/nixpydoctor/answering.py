"""What `explain` does with its command line: a name is a page, words are a topic, anything else is a text."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nixpydoctor import console
from nixpydoctor.explain import pages
from nixpydoctor.light import dataclass

if TYPE_CHECKING:
    from nixpydoctor.report.view import Color
    from nixpydoctor.symptoms import Told


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked."""

    words: tuple[str, ...] = ()
    file: str | None = None
    look: bool = True
    python: str | None = None
    report: str = "text"
    color: Color = "auto"
    root: str | None = None


def explain(asked: Asked) -> int:
    """Print the answer, and tell the exit code. Raises `UsageError` where nothing can be answered."""
    if asked.words and asked.file is None and asked.words != ("-",):
        return _words(asked)
    from nixpydoctor import questions
    from nixpydoctor.target import UsageError

    if asked.words and asked.words != ("-",):
        raise UsageError("Give a text as an argument or with --file, not both.")
    sieve = questions.text_of(asked.file)
    return _text(questions.told_by(sieve.text()), asked, sieve.left_out)


def _words(asked: Asked) -> int:
    """A name's page; else the error text that the words are; else what they may mean."""
    known = tuple(pages.pages())
    wanted = " ".join(asked.words)
    named = pages.find(wanted, known)
    if isinstance(named, pages.Page):
        return _page(named, asked)
    from nixpydoctor import questions
    from nixpydoctor.explain.words import topics

    told = questions.told_by(questions.sentence(wanted))
    if told.decisive is None:
        topic = next((topic.about for topic in topics(asked.words, known)), None)
        if isinstance(topic, pages.Page):
            return _page(topic, asked)
        if topic is not None:
            told = questions.told_of(topic, wanted)
        elif len(wanted.split()) == 1 and (named or pages.is_name(wanted)):
            from nixpydoctor.report.words import escape

            near = f" Did you mean {' or '.join(named)}?" if named else ""
            console.complain(
                f"No rule or remedy is called {escape(wanted)!r}.{near} nixpydoctor rules lists the rules."
            )
            return console.USAGE
    return _text(told, asked)


def _page(page: pages.Page, asked: Asked) -> int:
    if asked.report == "json":
        from nixpydoctor.report import explanation_json

        console.say(explanation_json.page(page.names, page.text))
        return 0
    from nixpydoctor.report.markdown import show

    console.tell("\n".join(show(page.text, console.view(asked.color, verbose=0))) + "\n")
    return 0


def _text(told: Told, asked: Asked, left_out: int = 0) -> int:
    from nixpydoctor import questions
    from nixpydoctor.progress import Progress

    with Progress(quiet=False) as progress:
        found = questions.answer(
            told, os.environ, os.getcwd(), progress, look=asked.look, python=asked.python, root=asked.root
        )
    if asked.report == "json":
        from nixpydoctor.report import explanation_json

        console.say(explanation_json.render(found, left_out))
        return 0
    from nixpydoctor.report import as_explanation

    view = console.view(asked.color, verbose=0, home=os.environ.get("HOME") or None)
    console.tell(as_explanation.render(found, view, left_out))
    return 0

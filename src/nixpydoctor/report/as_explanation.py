"""An explanation for people: the decisive line, what it means, which cause is seen here, what helps and what not."""

from __future__ import annotations

from nixpydoctor.doctor import Diagnosis, Refusal, Trial
from nixpydoctor.explain.answer import Cause, Explanation
from nixpydoctor.findings import Severity
from nixpydoctor.knowledge.advice import Advice
from nixpydoctor.knowledge.messages import MASK
from nixpydoctor.light import replace
from nixpydoctor.report import offers
from nixpydoctor.report.blocks import Kinds, full
from nixpydoctor.report.causes import causes
from nixpydoctor.report.view import View
from nixpydoctor.report.words import count, wrapped
from nixpydoctor.symptoms import Sign

_BLOCKS = 3
"""Causes that are shown in full."""
_STEPS = 12
_ALSO = 3
_LONG = 220
"""Characters of a line that is repeated."""

FIELD = "libraries, Python's paths, venvs or Nix"


def render(explanation: Explanation, view: View, left_out: int = 0) -> str:
    """The whole answer, with a newline at its end. `left_out`: bytes of the text that were not read."""
    sign = explanation.told.decisive
    lines = _unknown(explanation, view) if sign is None else _known(explanation, sign, view)
    if left_out:
        said = f"The text is long: {count(left_out // 1024, 'KiB', 'KiB')} in its middle were only skimmed."
        lines += ["", *_wrapped(said, view)]
    return "\n".join(lines) + "\n"


def _unknown(explanation: Explanation, view: View) -> list[str]:
    amount = count(explanation.told.lines, "line")
    said = f"Nothing in this text ({amount}) speaks of {FIELD}, as far as this version knows."
    more = "If a Python fails, give the whole traceback, its first lines too; or let the tool look: nixpydoctor check"
    return [*_wrapped(said, view), *_wrapped(more, view)]


def _known(explanation: Explanation, sign: Sign, view: View) -> list[str]:
    first, *more = view.flow(view.short(_cut(sign.text)).split(" "), "", "  ")
    lines = [view.paint(first, "strong"), *more]
    lines += _where(explanation, sign, view)
    for version, text in explanation.meanings:
        lines += _prose(version or "means", text, view)
    if explanation.supplied_by and not explanation.confirmed:
        lines += view.sentence("nixpkgs", explanation.supplied_by)
    lines += _also(explanation, view)
    if explanation.foreign:
        if not explanation.meanings or "not about" not in explanation.meanings[0][1]:
            lines += _prose("so", f"it is not about {FIELD}.", view)
        return lines + (_prose("helps", explanation.helps, view) if explanation.helps else [])
    lines += ["", *_causes(explanation, sign, view)]
    if explanation.helps:
        lines += ["", view.paint("What helps", "strong"), *_wrapped(explanation.helps, view, "  ", "  ")]
    if explanation.wrong:
        lines += ["", view.paint("Often advised, and wrong here", "strong")]
        lines += [line for advice in explanation.wrong for line in _wrong(advice, explanation, view)]
    return lines


def _prose(label: str, text: str, view: View) -> list[str]:
    """A labelled paragraph of ours: it is wrapped for a pipe as well. A label that is too long stands above it."""
    head = f"  {label:<10} "
    if view.narrow or len(label) > 10:
        return [f"  {view.paint(label, 'dim')}", *_wrapped(text, view, "    ", "    ")]
    first, *more = _wrapped(text, view, head, " " * len(head))
    return [f"  {view.paint(label, 'dim')}{first[2 + len(label) :]}", *more]


def _wrapped(text: str, view: View, first: str = "", rest: str = "") -> list[str]:
    return wrapped(view.short(text).split(" "), view.width, first, rest)


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 60]} … {text[-50:]}"


def _where(explanation: Explanation, sign: Sign, view: View) -> list[str]:
    """Where in the text it stands, and what else the text tells."""
    told, clues = explanation.told, explanation.told.clues
    parts = [f"line {sign.line} of {told.lines}"] if told.lines > 1 else []
    if told.links > 1:
        which = "the first, so the cause," if told.link == 0 else f"number {told.link + 1}"
        parts.append(f"{which} of {told.links} chained exceptions")
    lines = view.sentence("read in", ", ".join(parts)) if parts else []
    facts = [f"numpy {clues.numpy}"] if clues.numpy else []
    facts += [f"Python {clues.python}"] if clues.python else []
    facts += (
        [f"files built for Python {', '.join(clues.built)}"] if clues.built and clues.built != (clues.python,) else []
    )
    facts += [f"{'Nix' if name == 'python3' else 'the store'}'s {name} {version}" for name, version in clues.store]
    facts += [f"PYTHONPATH {clues.pythonpath}"] if clues.pythonpath else []
    facts += [f"exit status {clues.exit_code}"] if clues.exit_code is not None else []
    return lines + (view.sentence("it tells", ", ".join(facts)) if facts else [])


def _also(explanation: Explanation, view: View) -> list[str]:
    others = explanation.told.others
    lines = [line for sign in others[:_ALSO] for line in view.sentence("also there", _cut(sign.text))]
    lines += view.sentence("", f"and {len(others) - _ALSO} more") if len(others) > _ALSO else []
    if explanation.told.masks and explanation.told.decisive is not None and explanation.told.decisive.weight > MASK:
        said = " ".join(explanation.told.masks[-1].text.split()[:9])
        lines += view.sentence("follows", f"“{said} …” only follows from it: pay no attention to that")
    return lines


# ── causes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _causes(explanation: Explanation, sign: Sign, view: View) -> list[str]:
    looked = explanation.looked
    if looked is not None and explanation.confirmed:
        return _confirmed(explanation, looked, view)
    lines = []
    if looked is not None and explanation.absent:
        amount = count(sum(1 for dist in looked.facts.main.dists if dist.name != "python"), "distribution")
        said = f"It is plainly not installed: {looked.facts.choice.target} was examined ({amount}), and none of them "
        return _wrapped(f"{said}brings {explanation.absent}.", view)
    if looked is not None:
        machine = "there" if looked.facts.choice.root else "on this machine"
        said = f"Not seen {machine}: {looked.facts.choice.target} was examined ({looked.facts.choice.why}), and "
        said += "nothing that is wrong there is about this."
        lines += [*_wrapped(said, view), ""]
    elif explanation.why_not:
        lines += [*_wrapped(f"This machine was not looked at: {explanation.why_not}.", view), ""]
    if not explanation.causes:
        lines += _wrapped("No rule of this version examines it, so nothing can be confirmed.", view)
    else:
        title = "What causes it" if len(explanation.causes) == 1 else "What may cause it, the likeliest first"
        if sign.message is not None and sign.message.about == "requirement":
            title = "If it is installed all the same"
        lines += [view.paint(title, "strong")]
        lines += [line for cause in explanation.causes for line in _possible(cause, view)]
    if explanation.decide:
        where = "" if looked is None else "where the text comes from: "
        lines += ["", *view.flow(view.short(f"To decide, run {where}{explanation.decide}").split(" "), "", "  ")]
    return lines


def _possible(cause: Cause, view: View) -> list[str]:
    rule = cause.rule
    return view.flow(f"{rule.id} {rule.name}: {rule.title} (nixpydoctor explain {rule.id})".split(" "), "  ", "    ")


def _confirmed(explanation: Explanation, looked: Diagnosis, view: View) -> list[str]:
    choice = looked.facts.choice
    where = f"below {choice.root}" if choice.root else "on this machine"
    target = view.short(f"Seen {where}, in {choice.target}")
    lines = [*view.flow(target.split(" "))]
    lines = [view.paint(lines[0], "strong"), *lines[1:]]
    kinds = Kinds.of(looked.facts)
    found = causes(finding for cause in explanation.confirmed for finding in cause.findings)
    for number, cause in enumerate(found[:_BLOCKS]):
        lines += full(cause, looked.facts, kinds, view, working=number == 0)
    if len(found) > _BLOCKS:
        lines.append(f"and {count(len(found) - _BLOCKS, 'more cause')}")
    relevant = _relevant(explanation, looked)
    help_lines = offers.lines(relevant, view, _STEPS) if any(trial.helps for trial in relevant.trials) else []
    if help_lines:
        lines += ["", *help_lines]
    rooted = ["--root", view.argument(choice.root)] if choice.root else []
    more = "Everything that is wrong there: nixpydoctor check"
    return [*lines, "", *view.flow([*more.split(" "), *rooted, view.argument(choice.target)])]


def _relevant(explanation: Explanation, looked: Diagnosis) -> Diagnosis:
    """The diagnosis with what concerns the text: trials that cure it, refusals of what its rules' pages recommend."""
    pages = [cause.rule.page for cause in explanation.confirmed]
    refused = (one for one in looked.not_offered if any(f"/{_stem(one)}.md" in page for page in pages))
    keys = {finding.key for cause in explanation.confirmed for finding in cause.findings}
    serious = {finding.key for finding in looked.findings if finding.severity > Severity.NOTE}

    def concerns(trial: Trial) -> bool:
        return any(finding.key in keys and finding.key in serious for finding in trial.cured)

    trials = tuple(trial for trial in looked.trials if concerns(trial))
    return replace(looked, trials=trials, not_offered=tuple(refused))


def _stem(refusal: Refusal) -> str:
    return refusal.remedy.name.replace("-", "_")


def _wrong(advice: Advice, explanation: Explanation, view: View) -> list[str]:
    known = explanation.looked is not None or explanation.told.clues.in_store is not None
    whose = "" if advice.where == "any" or known else " (for a Python from the Nix store)"
    word = "harmful: " if advice.harm else ""
    first, *more = _wrapped(f"{word}{advice.says}{whose}: {advice.why}.", view, "  - ", "    ")
    return [first.replace("harmful:", view.paint("harmful:", "error"), 1), *more]

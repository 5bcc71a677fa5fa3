"""clean-path: what stands on sys.path and should not is taken from it, by the variable that put it there."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import PYTHON, Case
from nixpydoctor.facts import Facts, FsPath, PathEntry, in_store
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.imports.without import without
from nixpydoctor.remedies.common import spoken_in, template
from nixpydoctor.remedies.in_front import strays, uninstalls
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy

_SHOWN = 8


@remedy("take from sys.path what a variable or the user site puts there")
def clean_path(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """By variable, simulated by building the path again; then the single things that stand in front."""
    if case.tried:
        return  # its steps do not add up: what the first brings to light is told, and not treated along with it
    loud = [finding for finding in findings if finding.severity > Severity.NOTE]
    fitted = [*_by_variable(case, loud), *_singly(case, loud)]
    treatments = [one for one in fitted if isinstance(one, Treatment)]
    if not fitted:
        yield NotHere("nothing that a variable or the user site puts on sys.path is to blame")
    yield from treatments or fitted


def _by_variable(case: Case, loud: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """One for PYTHONPATH, one for the user site."""
    python = case.facts.main.python
    path = python.path if python is not None else ()
    guilty = [entry for entry in path if _blamed(entry, loud)]
    shell = [entry for entry in guilty if entry.by == "PYTHONPATH"]
    if shell:
        every = [entry for entry in path if entry.by == "PYTHONPATH"]
        own = [entry for entry in every if entry not in shell and not in_store(entry.path)]
        dropped = [entry for entry in every if entry not in own]
        rest = ":".join(entry.path for entry in own)
        yield _fitted(case, loud, dropped, {"PYTHONPATH": rest or None}, _for_shell(case, dropped, rest))
    if any(entry.provider == "user" and not entry.by for entry in guilty):
        dropped = [entry for entry in path if entry.provider == "user" and not entry.by]
        yield _fitted(case, loud, dropped, {"PYTHONNOUSERSITE": "1"}, _for_user_site(case))


def _singly(case: Case, loud: Sequence[Finding]) -> Iterator[Treatment]:
    target = shlex.quote(case.facts.choice.target)
    for one in (*strays(case, loud), *uninstalls(case, loud)):
        yield Treatment(
            remedy=clean_path,
            reach=one.reach,
            instructions=template("clean_path.md", command=one.command, where=one.why, lost="", target=target),
            after=one.after,
            scope="takes away what is in front",
        )


def _blamed(entry: PathEntry, findings: Sequence[Finding]) -> bool:
    """Whether a finding is about the entry itself or about something below it."""
    return any(finding.subject == entry.path or finding.subject.startswith(f"{entry.path}/") for finding in findings)


def _fitted(
    case: Case, loud: Sequence[Finding], dropped: Sequence[PathEntry], env: dict[str, str | None], how: dict[str, str]
) -> Treatment | NotHere:
    """The treatment, unless all that it does is to take something away that is missed afterwards."""
    after = without(case.facts, frozenset(entry.path for entry in dropped), env)
    lost = _names(case.facts) - _names(after)
    told = [finding for finding in loud if finding.breaks and any(_blamed(entry, [finding]) for entry in dropped)]
    if told and all(lost.issuperset(finding.breaks) for finding in told):
        names = ", ".join(sorted({name for finding in told for name in finding.breaks})[:_SHOWN])
        return NotHere(f"nothing else on sys.path provides {names}: the import would fail for want of it instead")
    dead = {name for finding in loud for name in finding.breaks}
    if after.beside is not None:
        missed = sorted(set(Case(after).only_beside) - set(case.only_beside))[:_SHOWN]
        if missed:
            return NotHere(f"the program would no longer find {', '.join(missed)}, which this shell's Python imports")
    needs = _missed(case.facts, after, dead)
    if needs:
        return NotHere(f"{needs}, which nothing else on sys.path provides")
    gone = sorted(lost - dead)
    shown = ", ".join(gone[:_SHOWN]) + (f" and {len(gone) - _SHOWN} more" if len(gone) > _SHOWN else "")
    return Treatment(
        remedy=clean_path,
        reach=Reach.SHELL,
        instructions=template(
            "clean_path.md",
            **how,
            lost=f"\nNo longer importable afterwards, because only that provided it: {shown}.\n" if gone else "",
            target=shlex.quote(case.facts.choice.target),
        ),
        after=after,
        scope=f"takes {len(dropped)} {'entry' if len(dropped) == 1 else 'entries'} from sys.path",
    )


def _names(facts: Facts) -> set[str]:
    return {name for dist in facts.main.dists if dist.name != PYTHON for name in dist.top_level}


def _missed(before: Facts, after: Facts, dead: set[str]) -> str:
    """A distribution that stays and needs one that goes and works, as the beginning of a sentence."""
    left = {dist.key for dist in after.main.dists}
    goes = {dist.key for dist in before.main.dists if dist.key not in left and not dead.issuperset(dist.top_level)}
    for dist in after.main.dists:
        for key in dist.requires:
            if key in goes and not dead.intersection(dist.top_level):
                return f"{dist.name} {dist.version} needs {key}"
    return ""


def _for_shell(case: Case, dropped: Sequence[PathEntry], rest: str) -> dict[str, str]:
    store = any(in_store(FsPath(entry.path)) for entry in dropped)
    command = f"export PYTHONPATH={shlex.quote(rest)}" if rest else "unset PYTHONPATH"
    hook = (
        "The store's folders in it come from the setup hook of a Nix shell. In `mkShell`, set\n"
        "`dontAddPythonPath = true;`, or end the `shellHook` with `unset PYTHONPATH`."
    )
    where = hook if store else "Look for it in your shell's start-up files, in `.envrc`, and in the `shellHook`."
    return {"command": command, "where": spoken_in(case, ("PYTHONPATH",)) or where}


def _for_user_site(case: Case) -> dict[str, str]:
    where = "What pip put there stays on the disk; other Pythons of this version go on using it."
    return {"command": "export PYTHONNOUSERSITE=1", "where": spoken_in(case, ("PYTHONNOUSERSITE",)) or where}

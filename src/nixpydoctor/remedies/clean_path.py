"""clean-path: what stands on sys.path and should not is taken from it, by the variable that put it there."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import PYTHON, Case
from nixpydoctor.facts import Facts, FsPath, PathEntry, in_store
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.imports.without import without
from nixpydoctor.remedies.common import spoken_in, template
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy

_SHOWN = 8


@remedy("take from sys.path what a variable or the user site puts there")
def clean_path(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """One treatment for PYTHONPATH, one for the user site; each simulated by building the path again."""
    python = case.facts.main.python
    loud = [finding for finding in findings if finding.severity > Severity.NOTE]
    guilty = [entry for entry in (python.path if python is not None else ()) if _blamed(entry, loud)]
    shell = [entry for entry in guilty if entry.by == "PYTHONPATH"]
    users = [entry for entry in guilty if entry.provider == "user" and not entry.by]
    if python is None or not (shell or users):
        yield NotHere("nothing that a variable or the user site puts on sys.path is to blame")
        return
    if shell:
        every = [entry for entry in python.path if entry.by == "PYTHONPATH"]
        own = [entry for entry in every if entry not in shell and not in_store(entry.path)]
        dropped = [entry for entry in every if entry not in own]
        rest = ":".join(entry.path for entry in own)
        yield _fitted(case, loud, dropped, {"PYTHONPATH": rest or None}, _for_shell(case, dropped, rest))
    if users:
        dropped = [entry for entry in python.path if entry.provider == "user" and not entry.by]
        yield _fitted(case, loud, dropped, {"PYTHONNOUSERSITE": "1"}, _for_user_site(case))


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

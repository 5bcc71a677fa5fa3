"""library-path: the missing libraries for a Python whose loader belongs to Nix, by a variable or without one."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import in_store, join
from nixpydoctor.findings import Finding
from nixpydoctor.knowledge.sonames import Attribute
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import attributes_in, folder, in_quotes, symbolic, template, wanted
from nixpydoctor.remedies.forms import Form, forms
from nixpydoctor.remedies.wrapped import FILE, carries, packages_first, remade, wrapper
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy

_VARIABLE = "LD_LIBRARY_PATH"


@remedy("put the missing libraries on LD_LIBRARY_PATH")
def library_path(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Exactly the libraries that are missing, after what the variable holds already."""
    loader = case.process.loader
    libraries = wanted(case, findings)
    hurts = any(finding.rule.id == "NPD507" and finding.message.startswith(_VARIABLE) for finding in findings)
    if loader is None or loader.family == "stub":
        yield NotHere("this Python has no loader that could read the variable")
        return
    if not libraries and not hurts:
        yield NotHere("no library is missing that nixpkgs could supply")
        return
    if not (in_store(loader.real) or loader.shim is not None):
        yield NotHere(
            f"this Python runs on the C library of {case.facts.platform.name or 'the distribution'} "
            f"({loader.real}); libraries from Nix want the one they were built with"
        )
        return
    if libraries:
        yield _variable(case, libraries)
    if carries(case):
        yield _argument(case, libraries, hurts)


def _variable(case: Case, libraries: Sequence[Attribute]) -> Treatment:
    before = case.process.env.get(_VARIABLE, "")
    folders = list(dict.fromkeys(folder(known) for known in libraries))
    value = ":".join([*([before] if before else []), *folders])
    world = replace(case.facts.main, process=case.process.setenv(_VARIABLE, value))
    known = forms(case, attributes_in(value))
    first = known[0]
    name = first.snippet.name
    others = [_block(form) for form in known[1:]]
    return Treatment(
        remedy=library_path,
        reach=Reach.SHELL,
        instructions=template(
            "library_path.md",
            intro=f"Put this into `{name}`, {first.place}." if first.part else f"Save this as `{name}`.",
            language=_language(first),
            text=first.snippet.text,
            others="".join(others),
            enter=first.enter.replace(
                "COMMAND", in_quotes(f"nixpydoctor check {shlex.quote(case.facts.choice.target)}")
            ),
        ),
        after=replace(case.facts, main=world, disk=case.disk.overlay(symbolic(case, libraries))),
        files=tuple(form.snippet for form in known),
        scope="reaches every process of the shell",
    )


def _block(form: Form) -> str:
    """The same for another file of the project."""
    place, text = f"`{form.snippet.name}`, {form.place}", form.snippet.text
    return f"\nIn {place}:\n\n```{_language(form)}\n{text}```\n"


def _language(form: Form) -> str:
    """What a block of its text is."""
    return {".json": "json", ".nix": "nix"}.get(form.snippet.name[form.snippet.name.rindex(".") :], "sh")


def _argument(case: Case, libraries: Sequence[Attribute], hurts: bool) -> Treatment:
    """The loader of this Python alone gets the list; a variable that harms others gives its folders up to it."""
    process = case.process
    loader = process.loader
    old = (loader.library_path if loader is not None else None) or ""
    moved = _harmless(case, process.env.get(_VARIABLE, "")) if hurts else []
    value = packages_first([*moved, *old.split(":"), *(folder(known) for known in libraries)])
    process = process.setenv(_VARIABLE, None) if hurts else process
    process = replace(process, loader=replace(loader, library_path=value or None) if loader is not None else None)
    world = replace(case.facts.main, process=process)
    text = wrapper(case, value)
    return Treatment(
        remedy=library_path,
        reach=Reach.PROJECT,
        instructions=template(
            "python_with_libraries.md",
            text=text,
            moved=f"Take `{_VARIABLE}` out of the shell: its folders are in the list now. " if hurts else "",
            venv=remade(case),
            target=shlex.quote(case.facts.choice.target),
        ),
        after=replace(case.facts, main=world, disk=case.disk.overlay(symbolic(case, libraries))),
        assumes=(f"the same wheels in a venv made with the Python of {FILE}",),
        files=(Snippet(FILE, text),),
        scope="reaches this Python alone",
    )


def _harmless(case: Case, path: str) -> list[str]:
    """The folders of a search path that hold no C library: none of those belongs on any list."""
    folders = [part for part in path.replace(";", ":").split(":") if part.startswith("/")]
    return [part for part in folders if not case.disk.has(join(part, "libc.so.6"))]

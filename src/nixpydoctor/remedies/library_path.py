"""library-path: LD_LIBRARY_PATH for a Python whose loader belongs to Nix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import in_store
from nixpydoctor.findings import Finding
from nixpydoctor.knowledge.sonames import expression
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import attributes_in, folder, symbolic, template, wanted
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy


@remedy("put the missing libraries on LD_LIBRARY_PATH")
def library_path(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Exactly the libraries that are missing, after what the variable holds already."""
    loader = case.process.loader
    libraries = wanted(case, findings)
    if loader is None or loader.family == "stub":
        yield NotHere("this Python has no loader that could read the variable")
        return
    if not libraries:
        yield NotHere("no library is missing that nixpkgs could supply")
        return
    if not (in_store(loader.real) or loader.shim is not None):
        yield NotHere(
            f"this Python runs on the C library of {case.facts.platform.name or 'the distribution'} "
            f"({loader.real}); libraries from Nix want the one they were built with"
        )
        return
    before = case.process.env.get("LD_LIBRARY_PATH", "")
    folders = list(dict.fromkeys(folder(known) for known in libraries))
    value = ":".join([*([before] if before else []), *folders])
    world = replace(case.facts.main, process=case.process.setenv("LD_LIBRARY_PATH", value))
    after = replace(case.facts, main=world, disk=case.disk.overlay(symbolic(case, libraries)))
    shell = template("shell.nix", libraries="\n".join(f"    {expression(attr)}" for attr in attributes_in(value)))
    yield Treatment(
        remedy=library_path,
        reach=Reach.SHELL,
        instructions=template("library_path.md", shell=shell, target=case.facts.choice.target),
        after=after,
        files=(Snippet("shell.nix", shell),),
        scope="reaches every process of the shell",
    )

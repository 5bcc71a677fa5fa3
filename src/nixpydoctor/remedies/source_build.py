"""source-build: the failing wheels built here instead, in a Nix shell with what they are built with.

The linker of such a shell writes the folder of each library into the RUNPATH of what it links (nixpkgs, `ld-wrapper`),
so what comes out finds them without a variable.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import Dist, Elf, Facts, FsPath, Object, in_store, join
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.knowledge.sonames import Attribute
from nixpydoctor.knowledge.source_inputs import Inputs, inputs_of
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import folder, listed, python_attribute, symbolic, template, wanted
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy

FILE = "build-shell.nix"


@remedy("build the failing wheels from source, in a shell with what they need")
def source_build(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Only for what is known to build with known inputs; the result names its libraries by store path."""
    loader = case.process.loader
    libraries = wanted(case, findings)
    dists = _known(case, findings)
    if not case.facts.platform.nix:
        yield NotHere("it needs Nix, and there is no Nix store here")
    elif loader is None or loader.family != "glibc" or not in_store(loader.real):
        yield NotHere("what a Nix shell links wants the C library of Nix, and this Python has another")
    elif not libraries:
        yield NotHere("no library is missing that nixpkgs could supply")
    elif not dists:
        yield NotHere("nothing is known of how what fails here is built")
    else:
        needs = {dist.key: known for dist, known in dists}
        text = template(
            "source_build.nix",
            python=python_attribute(case),
            tools=listed(_each(needs, "tools"), "    "),
            inputs=listed(_each(needs, "libraries"), "    "),
        )
        yield Treatment(
            remedy=source_build,
            reach=Reach.VENV,
            instructions=template(
                "source_build.md",
                file=FILE,
                text=text,
                install=_install(case, [dist for dist, _ in dists]),
                target=shlex.quote(case.facts.choice.target),
            ),
            after=_after(case, [dist for dist, _ in dists], libraries),
            basis="assumed",
            assumes=("the sources of these versions build with the compiler of this nixpkgs",),
            files=(Snippet(FILE, text),),
            scope="reaches only the distributions that are built again",
        )


def _known(case: Case, findings: Sequence[Finding]) -> list[tuple[Dist, Inputs]]:
    """The distributions that lack a library and whose inputs are known."""
    lacking = {finding.dist for finding in findings if finding.severity > Severity.NOTE and finding.rule.id == "NPD101"}
    dists = [dist for dist in case.facts.main.dists if dist.key in lacking and dist.version and _plain(dist.version)]
    return [(dist, known) for dist in dists if (known := inputs_of(dist.key)) is not None]


def _plain(version: str) -> bool:
    return all(char.isascii() and (char.isalnum() or char in ".+!-_") for char in version)


def _each(needs: dict[str, Inputs], kind: str) -> list[str]:
    """The attributes of all, each once."""
    return list(dict.fromkeys(attr for known in needs.values() for attr in getattr(known, kind)))


def _install(case: Case, dists: Sequence[Dist]) -> str:
    """The command that builds these versions anew, the bundled libraries left behind."""
    venv = case.facts.main.venv
    python = shlex.quote(join(venv.root, "bin/python")) if venv is not None else "python3"
    exact = " ".join(f"{dist.key}=={dist.version}" for dist in dists)
    if venv is not None and venv.creator == "uv":
        flags = " ".join(f"--no-binary {dist.key} --reinstall-package {dist.key}" for dist in dists)
        return f"uv pip install --python {python} {flags} {exact}"
    names = ",".join(dist.key for dist in dists)
    return f"{python} -m pip install --force-reinstall --no-deps --no-cache-dir --no-binary {names} {exact}"


def _after(case: Case, dists: Sequence[Dist], libraries: Sequence[Attribute]) -> Facts:
    """The facts where the objects of these name the folders of what they lack."""
    folders = ":".join(dict.fromkeys(folder(known) for known in libraries))
    changed: dict[FsPath, tuple[Object, ...]] = {**symbolic(case, libraries)}
    for path in (path for dist in dists for path in (*dist.extensions, *dist.libraries)):
        obj = case.object(path)
        if isinstance(obj, Elf) and obj.dynamic:
            had = obj.runpath if obj.runpath is not None else obj.rpath
            changed[path] = (replace(obj, rpath=None, runpath=f"{had}:{folders}" if had else folders),)
    return replace(case.facts, disk=case.disk.overlay(changed))

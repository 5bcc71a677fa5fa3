"""What several remedies share: which libraries are wanted, and how nixpkgs' ones stand on a modelled disk.

A library that is not in the store yet stands at a symbolic path, `/${pkgs.zlib}/lib/libz.so.1`: it reads as Nix in a
report and as a path in the model. Its own needs are met by its own RUNPATH. The versions that it defines are unknown,
and so are those that it wants, but for the few libraries that use what is new in the C library ("glibc" in
`knowledge/sonames.json`).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from nixpydoctor import packaged
from nixpydoctor.case import PYTHON, Case
from nixpydoctor.edges import Opening
from nixpydoctor.facts import Elf, FsPath, Object, VersionNeed, join
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.knowledge.nixpkgs_python import attribute_of, spellings
from nixpydoctor.knowledge.sonames import Attribute, attribute, expression

_SYMBOLIC = re.compile(r"/\$\{pkgs\.([^}]+)\}")
_FILES = (".envrc", "shell.nix", "flake.nix", "devenv.nix", "devbox.json")
SYMBOLIC = "/${pkgs."
"""How the path of a package begins that is not in the store yet."""

_WANTED_BY = frozenset({"NPD101", "NPD102"})


def wanted(case: Case, findings: Iterable[Finding]) -> tuple[Attribute, ...]:
    """The nixpkgs libraries that these findings lack, each soname once, in the order of the findings.

    Notes count where a submodule of a distribution would need the library once somebody imports it; those about plugins
    and about optional parts of the standard library do not. Members of a C library and drivers are left out: no package
    may supply them.
    """
    found: dict[str, Attribute] = {}
    for finding in findings:
        if finding.rule.id not in _WANTED_BY or not matters(case, finding):
            continue
        for soname in _sonames(finding):
            known = attribute(soname)
            if known is not None and not known.forbidden and not known.driver:
                found.setdefault(soname, known)
                break
    return tuple(found.values())


def matters(case: Case, finding: Finding) -> bool:
    """Whether a remedy need care: not for notes about plugins and optional parts of the standard library."""
    optional = finding.dist == PYTHON or finding.subject not in case.extension_set
    return not (finding.severity is Severity.NOTE and optional)


def _sonames(finding: Finding) -> tuple[str, ...]:
    for item in finding.evidence:
        if isinstance(item, Opening):
            return item.names
    return (finding.detail,)


def folder(known: Attribute) -> FsPath:
    """The symbolic library folder of a nixpkgs attribute: what `lib.makeLibraryPath` would name."""
    return FsPath(f"/${{pkgs.{known.attr}}}/{known.folder}")


def attributes_in(search_path: str) -> tuple[str, ...]:
    """The nixpkgs attributes whose symbolic folders a search path names, in order: earlier rounds' included."""
    return tuple(dict.fromkeys(_SYMBOLIC.findall(search_path)))


def symbolic(case: Case, libraries: Sequence[Attribute]) -> Mapping[FsPath, tuple[Object, ...]]:
    """The changes to a disk that put each library at its symbolic path."""
    arch = case.arch
    if arch is None:
        return {}
    return {
        path: (
            Elf(
                path=path,
                identity=(-1, hash(path)),
                arch=arch,
                kind=3,
                soname=known.soname,
                needed=("libc.so.6",) if known.glibc else (),
                verneed=_wants(case, known),
                verdef=None,
            ),
        )
        for known in libraries
        for path in (join(folder(known), known.soname),)
    }


def _wants(case: Case, known: Attribute) -> tuple[VersionNeed, ...]:
    """The newest of its releases of glibc that the nixpkgs of this Python can have built it with."""
    loader = case.process.loader
    release = number(loader.version) if loader is not None and loader.family == "glibc" else ()
    fitting = [one for one in known.glibc if number(one) <= release]
    return (VersionNeed("libc.so.6", f"GLIBC_{fitting[-1]}", False),) if fitting else ()


def number(release: str | None) -> tuple[int, ...]:
    """(2, 40) for `2.40`; empty where nothing is known."""
    return tuple(int(part) for part in (release or "").split(".") if part.isdigit())


def listed(attributes: Iterable[str], indent: str) -> str:
    """Nix text of a list's elements, one a line."""
    return "\n".join(f"{indent}{expression(attr)}" for attr in attributes)


def python_attribute(case: Case) -> str:
    """What nixpkgs calls a Python of this minor version."""
    python = case.facts.main.python
    minor = python.minor if python is not None and python.implementation == "cpython" else None
    threads = python is not None and f"{python.soabi}".partition("-")[2].partition("-")[0].endswith("t")
    return f"python{minor[0]}{minor[1]}{'FreeThreading' if threads else ''}" if minor is not None else "python3"


def in_nixpkgs(case: Case, key: str) -> str | None:
    """The attribute of a distribution in nixpkgs' Python package sets; None where it has none as far as is known.

    The nixpkgs of this machine decides where it can be read, also about the spelling.
    """
    for name in spellings(key):
        there = case.disk.attribute(name)
        if there is None:
            return attribute_of(key)
        if there:
            return name
    return None


def in_quotes(command: str) -> str:
    """A command as one word of another: in the quotes that people use, where the shell leaves alone what is in them."""
    return shlex.quote(command) if re.search(r"[\"$`\\!]", command) else f'"{command}"'


def quoted(text: str) -> str:
    """A Nix string that means exactly this text."""
    for char in ("\\", '"', "${"):
        text = text.replace(char, f"\\{char}")
    return f'"{text}"'


def indented(text: str) -> str:
    """Text inside of an indented Nix string, its own signs escaped (Nix manual, string literal)."""
    return text.replace("''", "'''").replace("${", "''${")


def template(name: str, **values: str) -> str:
    """A text from `remedies/templates` with each `@name@` replaced."""
    text = packaged.text(f"remedies/templates/{name}")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def spoken_in(case: Case, names: Sequence[str]) -> str:
    """A sentence with the lines of the project's files that speak of one of these variables; empty where none does."""
    project = case.facts.project
    found: list[str] = []
    for file in _FILES if project is not None else ():
        if project is None or file not in project.files:
            continue
        text = case.disk.text(join(project.root, file))
        for number, line in enumerate(text.splitlines() if isinstance(text, str) else (), 1):
            if any(re.search(rf"\b{name}\b", line) for name in names):
                found.append(f"line {number} of {file}")
    return f"It is spoken of in {', '.join(found)}." if found else ""

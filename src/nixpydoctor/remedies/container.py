"""container: the same wheels in an image of another distribution, where they find what they were made for."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.knowledge.debian import debian_package
from nixpydoctor.knowledge.sonames import attribute
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.container_of_a_host import of_a_host
from nixpydoctor.remedies.replaced import from_image, lent
from nixpydoctor.remedies.venvs import LIST, installed
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy

FILE = "Containerfile"


@remedy("run the same wheels in a container, when the rest costs more", last_resort=True)
def container(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Replaces the world, so it is assumed; each missing library must have a package there."""
    python, venv = case.facts.main.python, case.facts.main.venv
    minor = python.minor if python is not None else None
    packages, unknown = _packages(case, findings)
    why = ""
    if case.facts.main.host is not None:
        nothing = all(finding.severity is Severity.NOTE for finding in findings)
        why = unknown or ("the program finds what it needs" if nothing else "")
        yield NotHere(why) if why else of_a_host(case, container, packages)
        return
    if python is None or minor is None or python.implementation != "cpython" or minor < (3, 9):
        why = "there is no image with this Python on Debian 12"
    elif venv is None:
        why = "what is examined is no venv that could be installed again"
    elif brought := _brought(case, findings):
        why = brought
    elif unknown:
        why = unknown
    if why or minor is None or venv is None:
        yield NotHere(why)
        return
    listing = "".join(f"{line}\n" for line in installed(case, venv))
    project = case.facts.project
    files = project.files if project is not None else ()
    own = next((name for name in ("uv.lock", "requirements.txt") if name in files), LIST)
    text = template(
        "Containerfile",
        version=f"{minor[0]}.{minor[1]}",
        packages=template("container_packages", packages=" ".join(packages)) if packages else "",
        install=template("container_uv" if own == "uv.lock" else "container_pip", file=own),
    )
    yield Treatment(
        remedy=container,
        reach=Reach.PROJECT,
        instructions=template(
            "container.md",
            file=FILE,
            list=f"\n`{LIST}`, beside it:\n\n```text\n{listing}```\n" if own == LIST else "",
            target=shlex.quote(case.facts.choice.target),
            text=text,
        ),
        after=from_image(case),
        basis="assumed",
        assumes=("podman or docker runs here", "an installation from the project's list is what is installed here"),
        files=(Snippet(FILE, text), *([Snippet(LIST, listing)] if own == LIST else [])),
        scope="leaves Nix altogether",
    )


def _brought(case: Case, findings: Sequence[Finding]) -> str:
    """A sentence where what fails is not in the venv but comes with a variable; empty where it is."""
    python = case.facts.main.python
    by = {entry.path: entry.by for entry in python.path if entry.by} if python is not None else {}
    for finding in findings:
        places = [dist.location for dist in case.facts.main.dists if dist.key == finding.dist]
        if finding.severity is Severity.ERROR and places and all(place in by for place in places):
            return f"{finding.dist} comes with {by[places[0]]} and is not in the venv: an image would not have it"
    return ""


def _packages(case: Case, findings: Sequence[Finding]) -> tuple[list[str], str]:
    """Debian's packages for what is missing, and a sentence where there is none for something."""
    found: dict[str, None] = {}
    for finding in findings:
        known = attribute(finding.detail) if finding.severity > Severity.NOTE else None
        if known is not None and known.driver:
            return [], f"{finding.detail} comes with the machine's driver, and an image has none"
        if finding.severity > Severity.NOTE:
            for soname in (*([finding.detail] if finding.rule.id == "NPD101" else []), *lent(case, finding)):
                package = debian_package(soname)
                if package is None:
                    return [], f"no package of Debian 12 is known to have {soname}"
                found.setdefault(package)
    return [package for package in found if package], ""

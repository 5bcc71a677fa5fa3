"""The form of container for a program that embeds Python: built in the image, with that image's Python."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import Dist, leaf
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.embedding import both, of_an_image
from nixpydoctor.remedies.nix_texts import origin, plain
from nixpydoctor.treatments import NotHere, Reach, Remedy, Snippet, Treatment

FILE, LIST = "Containerfile", "host-requirements.txt"


def of_a_host(case: Case, remedy: Remedy, packages: Sequence[str]) -> Treatment | NotHere:
    """What the shell's Python imports, installed by pip; then the program, built for that Python."""
    whole, main = both(case), case.facts.main
    python = whole.facts.main.python
    minor = python.minor if python is not None else None
    if minor is None or minor < (3, 9):
        return NotHere("there is no image with this Python on Debian 12")
    listing = "".join(f"{_line(whole, dist)}\n" for dist in whole.facts.main.dists if plain(dist))
    pyo3 = main.host is not None and main.host.binding == "pyo3"
    text = template(
        "Containerfile.host",
        version=f"{minor[0]}.{minor[1]}",
        rust=template("Containerfile.rust") if pyo3 else "",
        packages=template("container_packages", packages=" ".join(packages)) if packages else "",
        list=LIST,
        build="PYO3_PYTHON=/usr/local/bin/python3 cargo build --release" if pyo3 else "make",
        program=json.dumps(f"{'target/release/' if pyo3 else './'}{leaf(main.process.executable)}"),
    )
    return Treatment(
        remedy=remedy,
        reach=Reach.PROJECT,
        instructions=template(
            "container_of_a_host.md",
            file=FILE,
            listed=LIST,
            list=listing,
            target=shlex.quote(case.facts.choice.target),
            text=text,
        ),
        after=of_an_image(case),
        basis="assumed",
        assumes=("podman or docker runs here", "the program's sources build there", "pip has what is listed"),
        files=(Snippet(FILE, text), Snippet(LIST, listing)),
        scope="leaves Nix altogether",
    )


def _line(case: Case, dist: Dist) -> str:
    """A line of a requirements file; of a revision in a repository, that revision (PEP 508, PEP 610)."""
    found = origin(case, dist)
    if found.kind == "git" and " " not in found.url:
        return f"{dist.key} @ git+{found.url}@{found.revision}"
    return f"{dist.key}=={dist.version}"

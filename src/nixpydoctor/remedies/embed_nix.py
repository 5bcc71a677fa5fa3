"""embed-nix: one environment of Nix with all that the host and its shell import, and the host built and run in it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.remedies.common import in_quotes, python_attribute, template
from nixpydoctor.remedies.embedding import both, of_an_image
from nixpydoctor.remedies.nix_texts import listing, roots
from nixpydoctor.remedies.replaced import unsupplied
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy

FILE = "embedded.nix"


@remedy("take all that the program imports from Nix, in one environment")
def embed_nix(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Of the minor of the shell's Python; what nixpkgs lacks is built from what the installed metadata says."""
    main = case.facts.main
    if main.host is None:
        yield NotHere("what is examined does not embed Python")
        return
    if all(finding.severity is Severity.NOTE for finding in findings):
        yield NotHere("the program finds what it needs")
        return
    if not case.facts.platform.nix:
        yield NotHere("it needs Nix, and there is no Nix store here")
        return
    whole = both(case)
    dists = roots(whole)
    why = unsupplied(whole, findings, wheels=False)
    if why or not dists or whole.facts.main.python is None or whole.facts.main.python.minor is None:
        yield NotHere(why or "nothing is installed here that nixpkgs could bring instead")
        return
    told = listing(whole, findings, dists)
    if not told.packages:
        yield NotHere("what is installed here are folders of the project alone")
        return
    pyo3 = main.host.binding == "pyo3"
    text = template(
        "embed_nix.nix",
        python=python_attribute(whole),
        packages=told.packages,
        own=template("nix_python_own.nix", definitions=told.definitions) if told.definitions else "",
        tools=" pkgs.cargo pkgs.rustc" if pyo3 else "",
        variable='  PYO3_PYTHON = "${env}/bin/python3";\n' if pyo3 else "",
    )
    yield Treatment(
        remedy=embed_nix,
        reach=Reach.PROJECT,
        instructions=template(
            "embed_nix.md",
            hashes=template("nix_python_hashes.md") if "fakeHash" in text else "",
            remarks="".join(f"\n{remark}\n" for remark in told.remarks),
            build="cargo clean -p pyo3-build-config -p pyo3-ffi; cargo build --release" if pyo3 else "make",
            program=in_quotes(shlex.quote(main.process.executable)),
            file=FILE,
            text=text,
        ),
        after=of_an_image(case),
        basis="assumed",
        assumes=(
            "nixpkgs has a build of each distribution, or the definition here builds",
            "its versions do for this program, which is built there again and run there",
        ),
        files=(Snippet(FILE, text),),
        scope="replaces the Python inside of the program and all that it imports",
    )

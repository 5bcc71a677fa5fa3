"""NPD312: the venv's own command starts a Python that does not know that it is in a venv."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import join
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.venvs import modules, site_folders


@rule(
    "NPD312",
    Severity.ERROR,
    "a Python does not see the venv that it is started from",
    symptoms=(r"(?P<path>\S*/bin/python[\d.]*): No module named pip",),
)
def venv_not_recognised(case: Case) -> Iterator[Finding]:
    """The Python itself says what its prefix is; a warning where nothing is installed that could be missed."""
    venv, python = case.facts.main.venv, case.facts.main.python
    if venv is None or python is None or python.basis != "asked" or python.silence is not None:
        return
    if python.prefix == venv.root or python.prefix in venv.aliases or not python.prefix:
        return
    if case.disk.text(join(python.prefix, "pyvenv.cfg")) is not None:  # the same venv by another name
        return
    folder = site_folders(case, venv).get(python.minor or (0, 0))
    names = modules(case, folder) if folder is not None else ()
    yield venv_not_recognised.finding(
        python.command,
        f"started as {python.command}, this Python takes {python.prefix} for its place and ignores the venv",
        Place(python.command, f"leads to {case.process.executable}, which was not told the name it was started with"),
        severity=Severity.ERROR if names else Severity.WARNING,
        breaks=names,
        detail="prefix",
    )

"""NPD304: the venv's Python is not the one that pyvenv.cfg and the venv's own folders were made for."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import join
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.light import replace
from nixpydoctor.rules.venvs import modules, site_folders


@rule(
    "NPD304",
    Severity.ERROR,
    "a venv was made for another Python than the one in it",
    symptoms=(r"(?P<path>\S*/bin/python[\d.]*): No module named pip",),
)
def pyvenv_cfg_disagrees(case: Case) -> Iterator[Finding]:
    """An error where all that is installed lies in a folder that this Python never looks into."""
    venv, python = case.facts.main.venv, case.facts.main.python
    if venv is None or python is None or python.minor is None or not venv.base_exists:
        return
    cfg = join(venv.root, "pyvenv.cfg")
    made_for = replace(python, version=venv.version or "").minor
    folders = site_folders(case, venv)
    own = folders.pop(python.minor, None)
    if made_for != python.minor and (own is None or not modules(case, own)):
        for minor, folder in folders.items():
            names = modules(case, folder)
            version = f"{minor[0]}.{minor[1]}"
            if names:
                yield pyvenv_cfg_disagrees.finding(
                    folder,
                    f"the venv's distributions are for Python {version}, and bin/python is {python.version} now",
                    Place(python.command, f"is Python {python.version}, which does not look into that folder"),
                    Place(cfg, f"says version {venv.version or 'nothing'}"),
                    breaks=names,
                    detail=f"{version}, not {python.minor[0]}.{python.minor[1]}",
                )
    if not venv.home_exists and venv.home is not None:
        yield pyvenv_cfg_disagrees.finding(
            cfg,
            f"pyvenv.cfg names {venv.home}, which does not exist; the venv's Python found its library without it",
            Place(cfg, f"says home = {venv.home}"),
            severity=Severity.NOTE,
            detail="home",
        )

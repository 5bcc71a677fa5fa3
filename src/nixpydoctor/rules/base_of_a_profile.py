"""NPD310: a venv's Python is reached through a profile, whose update may make it another Python."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.venvs import profile


@rule(
    "NPD310",
    Severity.NOTE,
    "a venv's Python is reached through a profile that moves",
    symptoms=(r"home = (?P<path>/run/current-system/|/etc/profiles/per-user/|/\S*/\.nix-profile/)",),
)
def base_of_a_profile(case: Case) -> Iterator[Finding]:
    """One note: most updates keep the minor version, and the one that does not loses everything that is installed."""
    venv, python = case.facts.main.venv, case.facts.main.python
    if venv is None or python is None or not venv.base_exists:
        return
    step = profile(venv)
    if step is None:
        return
    yield base_of_a_profile.finding(
        venv.root,
        f"the venv follows {step}: after an update to another minor than {_minor(python.minor)} it is empty or dead",
        Place(step, f"leads to {venv.base} today"),
        detail="profile",
    )


def _minor(minor: tuple[int, int] | None) -> str:
    return f"{minor[0]}.{minor[1]}" if minor is not None else "today's"

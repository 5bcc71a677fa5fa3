"""NPD512: variables of nixpkgs' Python builds tell this Python that it is another one."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import join
from nixpydoctor.findings import Finding, Place, Severity, rule

_NAME, _PLATFORM = "_PYTHON_SYSCONFIGDATA_NAME", "_PYTHON_HOST_PLATFORM"


@rule(
    "NPD512",
    Severity.WARNING,
    "variables of another Python's build are set",
    symptoms=(r"No module named '_sysconfigdata_\w*(?:-\w+)*'",),
)
def sysconfig_of_another_python(case: Case) -> Iterator[Finding]:
    """Python starts with them; installers and whatever compiles something do not get far."""
    env = case.process.env
    python = case.facts.main.python
    if python is None or not python.path:
        return
    name = env.get(_NAME)
    places = [join(entry.path, f"{name}.py") for entry in python.path]
    if name and not any(case.there(place) for place in places):
        yield sysconfig_of_another_python.finding(
            python.command,
            f"{_NAME}={name} names a module that this Python does not have: pip, setuptools and sysconfig fail",
            *(Place(entry.path, f"has no {name}.py") for entry in python.path[:1]),
            detail=_NAME,
        )
    platform = env.get(_PLATFORM)
    if platform and python.machine and not platform.endswith(f"-{python.machine}"):
        yield sysconfig_of_another_python.finding(
            python.command,
            f"{_PLATFORM}={platform} makes installers take wheels for {platform}, and this Python is {python.machine}",
            python,
            detail=_PLATFORM,
        )

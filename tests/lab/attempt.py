"""A patient on whom a remedy is tried: what failed, what the tool says, and how to tell whether it works now."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lab import scenario
from lab.roots import Root

Answer = bool | str
"""Whether what failed works; a text is the reason why nobody can tell."""

NO_REGISTRY = "what fails is a module of the scenario's own, and no registry has it"
OWN_PROGRAM = "what fails is a program of the scenario's own, which no other root can start"
NOT_YET = "nothing fails there yet: the next collection would take the base"
NOT_LOST = "there is nothing that it could bring back or keep"
NO_USER_SITE = "there is no user site that could hold everything"
NOTHING_TO_DO = (NOT_YET, NOT_LOST, NO_USER_SITE)


@dataclass(frozen=True)
class Attempt:
    """A patient, and what the tool says about it."""

    patient: scenario.Patient
    plan: Mapping[str, Any]
    report: Mapping[str, Any]

    @property
    def disease(self) -> list[str]:
        """The command that fails."""
        return [self.patient.fill(word) for word in self.plan["disease"]["run"]]

    @property
    def of_the_venv(self) -> bool:
        """Whether the venv's Python is what fails; else it is a program of the scenario's own that becomes one."""
        return str(self.patient.bench.python) in " ".join(self.disease)

    @property
    def module(self) -> str:
        """What the command imports; where nothing starts, a wheel that is installed."""
        found = re.search(r"import (\w+)", " ".join(self.disease))
        return found[1] if found is not None and found[1] != "sys" else self.wheels[0].partition("==")[0]

    @property
    def wheels(self) -> list[str]:
        """The registry's wheels that are installed, where what fails is one of them."""
        infos = [file.parent.name for file in self.patient.work.rglob("*.dist-info/WHEEL")]
        wheels = sorted(info.removesuffix(".dist-info").replace("-", "==", 1) for info in infos)
        found = re.search(r"import (\w+)", " ".join(self.disease))
        wanted = found is None or found[1] == "sys" or any(wheel.startswith(f"{found[1]}==") for wheel in wheels)
        return wheels if wanted else []

    def offer(self, remedy: str) -> Mapping[str, Any] | None:
        """What the report offers under this name."""
        return next((offer for offer in self.report["offers"] if offer["remedy"] == remedy), None)

    def works(
        self, command: Sequence[str] | None = None, root: Root | None = None, env: Mapping[str, str] | None = None
    ) -> bool:
        """Whether the disease is gone: what failed ends well, or what should not end well fails."""
        made = (root or self.patient.root).run(
            command or self.disease, self.patient.env if env is None else env, home=self.patient.work / "home"
        )
        return made.code != 0 if self.plan["disease"]["exit"] == 0 else made.code == 0

    def without(self, *names: str) -> dict[str, str]:
        """The patient's variables but these."""
        return {name: value for name, value in self.patient.env.items() if name not in names}

    @property
    def libraries(self) -> list[str]:
        """The library folders that the lab has of what its wheels and modules lack."""
        return [str(self.patient.store[name] / "lib") for name in ("gccLib", "zlib", "gfortranLib")]


@contextmanager
def undone(attempt: Attempt) -> Iterator[None]:
    """The patient's files as they were, afterwards."""
    work = attempt.patient.work
    kept = work.with_name(f"{work.name}.kept")
    work.rename(kept)  # what is changed is the copy: files may be hard links into uv's cache
    subprocess.run(["cp", "-a", str(kept), str(work)], check=True)
    try:
        yield
    finally:
        scenario.discard(work)
        kept.rename(work)

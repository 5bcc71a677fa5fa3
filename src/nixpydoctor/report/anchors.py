"""Finds the place in the project that a person would edit for a finding: platforms show what lies in the repository.

A broken `.so` lies in a venv or in the store, which no repository holds. So a finding stands at the line of the lock
file that names its distribution, else at the Nix file that makes the environment, else at the project's own file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixpydoctor.facts import Facts, FsPath, join, normalize
from nixpydoctor.findings import Finding
from nixpydoctor.fingerprints import fingerprint
from nixpydoctor.light import NamedTuple
from nixpydoctor.recording import NotRecorded

LOCKS = ("uv.lock", "poetry.lock", "pylock.toml", "pdm.lock")
NIX_FILES = ("flake.nix", "shell.nix", "devenv.nix", "devbox.json", "default.nix")
OWN_FILES = ("pyproject.toml", "setup.cfg", "setup.py", ".envrc", ".pre-commit-config.yaml")

_NAME = re.compile(r'name\s*=\s*"([^"]+)"')
_REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)")
_TELLING = re.compile(r"LD_LIBRARY_PATH|mkShell|languages\.python|python3?\d*\.withPackages|\bpython3")


class Anchor(NamedTuple):
    """A place in a file of the project."""

    path: str
    """Relative to the repository's top, which platforms know; to the project's folder where there is no repository."""
    line: int
    """From 1."""


class Anchors:
    """The anchors of one project; each file is read once."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        project = facts.project
        files = project.files if project is not None else ()
        named = [name for name in files if name.startswith("pylock.") and name not in LOCKS]
        self._required = [name for name in files if name.startswith("requirements")]
        self._locks = [*(name for name in LOCKS if name in files), *named, *self._required]
        self._below = f"{project.below}/" if project is not None and project.below else ""
        self._lines: dict[str, dict[str, int]] = {}
        self._default: Anchor | None = None

    def fingerprint(self, finding: Finding) -> str:
        """The same after every rebuild and in every checkout; 32 hexadecimal digits."""
        return fingerprint(finding, self._facts.project.root if self._facts.project is not None else None)

    def of(self, finding: Finding) -> Anchor:
        """The line that names the finding's distribution, else that of the environment as a whole."""
        if finding.dist is not None and finding.dist != "python":
            for name in self._locks:
                line = self._named(name).get(finding.dist)
                if line is not None:
                    return self._anchor(name, line)
        if self._default is None:
            self._default = self._environment()
        return self._default

    def _environment(self) -> Anchor:
        for name in self._files(NIX_FILES):
            for number, line in enumerate(self._text(name), 1):
                if _TELLING.search(line):
                    return self._anchor(name, number)
            return self._anchor(name, 1)
        return self._anchor(next(iter((*self._files(OWN_FILES), *self._locks)), "pyproject.toml"), 1)

    def _anchor(self, name: str, line: int) -> Anchor:
        return Anchor(self._below + name, line)

    def _files(self, names: tuple[str, ...]) -> Iterator[str]:
        project = self._facts.project
        return (name for name in names if project is not None and name in project.files)

    def _named(self, name: str) -> dict[str, int]:
        """Normalized distribution name → the first line that names it."""
        if name not in self._lines:
            pattern = _REQUIREMENT if name in self._required else _NAME
            found: dict[str, int] = {}
            for number, line in enumerate(self._text(name), 1):
                match = pattern.match(line.strip())
                if match is not None:
                    found.setdefault(normalize(match[1]), number)
            self._lines[name] = found
        return self._lines[name]

    def _text(self, name: str) -> list[str]:
        project = self._facts.project
        if project is None:
            return []
        try:
            text = self._facts.disk.text(FsPath(join(project.root, name)))
        except NotRecorded:  # a facts file keeps no lock files
            return []
        return text.splitlines() if isinstance(text, str) else []

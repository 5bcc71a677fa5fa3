"""Takes a person out of recorded paths: the home folder's name and the login name become `user`, everywhere alike.

The mapping is one of whole paths, so that every question a replay asks still meets its recorded answer. Depth and
order of folders stay: `$ORIGIN/../..` leads to where it led.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from nixpydoctor.facts import FsPath, join, leaf, parent
from nixpydoctor.light import dataclass, replace
from nixpydoctor.recording import Recording

_NOT_PERSONAL = frozenset(
    {
        "root", "nobody", "nix", "nixos", "nixbld", "store", "usr", "bin", "lib", "lib64",
        "etc", "opt", "var", "home", "tmp", "run", "srv", "mnt", "media", "user", "users", "python",
    }
)  # fmt: skip
"""Login names that tell nothing of anybody and are parts of paths everywhere."""
_DEPTH = 4
"""A login name is looked for in so many leading parts of a path; deeper down it is a package of the same name."""
_PROFILES = "/per-user"
"""Where Nix keeps the profiles and roots of each user, by name."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose traces are taken out."""

    home: str = ""
    """The home folder, absolute; anything else is left alone."""
    user: str = ""


class Disguise:
    """Rewrites paths, texts that hold paths, and a disk's recording."""

    __slots__ = ("_rules", "names")

    def __init__(self, owner: Owner, siblings: Mapping[FsPath, frozenset[str] | None]) -> None:
        home = posixpath.normpath(owner.home) if owner.home.startswith("/") else "/"
        self.names = {name for name in (leaf(home), owner.user) if name and "/" not in name} - _NOT_PERSONAL
        instead = _unused(siblings.get(parent(home)) or frozenset(), leaf(home))
        self._rules: list[tuple[str, re.Pattern[str], str]] = []
        if home != "/":
            whole = join(parent(home), instead).replace("\\", "\\\\")
            self._rules.append((home, re.compile(rf"(?<![\w.-]){re.escape(home)}(?![\w.-])"), whole))
        for name in sorted(self.names):
            above = rf"((?<![\w./-])(?!/nix/store/)(?:/[^/:\s]+){{1,{_DEPTH - 1}}}/|{_PROFILES}/)"
            self._rules.append((name, re.compile(rf"{above}{re.escape(name)}(?![\w.-])"), rf"\g<1>{instead}"))

    def __call__(self, text: str) -> str:
        """The text with every path in it rewritten."""
        for needle, pattern, instead in self._rules:
            if needle in text:
                text = pattern.sub(instead, text)
        return text

    def recording(self, recording: Recording) -> Recording:
        """The recording with what only makes sense next to its folder rewritten: names, and relative links."""
        return replace(
            recording,
            names={folder: self._folder(folder, names) for folder, names in recording.names.items()},
            links={path: self._link(path, target) for path, target in recording.links.items()},
        )

    def _folder(self, folder: FsPath, names: frozenset[str] | None) -> frozenset[str] | None:
        if names is None:
            return None
        return frozenset(leaf(self(join(folder, name))) for name in names) if self._near(folder) else names

    def _near(self, folder: str) -> bool:
        """Whether a name in the folder can be one that is rewritten: deep down, none is."""
        return (
            folder.count("/") <= _DEPTH
            or folder.endswith(_PROFILES)
            or any(folder == parent(needle) for needle, _, _ in self._rules)
        )

    def _link(self, path: FsPath, target: FsPath | None) -> FsPath | None:
        if target is None or target.startswith("/") or self.names.isdisjoint(target.split("/")):
            return target
        return FsPath(posixpath.normpath(join(parent(path), target)))


def _unused(names: frozenset[str], own: str) -> str:
    """`user`, or `user1` … where somebody else's home folder is called so."""
    number = 0
    while (name := f"user{number or ''}") in names - {own}:
        number += 1
    return name

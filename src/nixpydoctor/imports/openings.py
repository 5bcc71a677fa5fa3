"""What a walk opens and looks for by name, and the causes that come of it: each has a bit of its own."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath
from nixpydoctor.imports.frame import Frame
from nixpydoctor.imports.graph import Place
from nixpydoctor.imports.outcome import OS
from nixpydoctor.knowledge.dlopens import Known

_OF_THE_PROGRAM = frozenset({"c", "m", "dl", "pthread", "rt", "util"})
"""What every Python has loaded: where `find_library` does not find it, `CDLL(None)` has its functions all the same."""

Cause = FsPath | tuple[FsPath, int, int] | Known
"""A broken object, a statement that opens (file, place, line), or an opening that is known of a distribution."""


class Openings:
    """One state of the process: what opens in it, and what was tried in vain."""

    def __init__(
        self,
        disk: Disk,
        opens: Callable[[str], bool],
        finds: Callable[[str], str | None],
        wanted: frozenset[str],
        ask: Callable[[], None],
    ) -> None:
        self.bits: dict[Cause, int] = {}
        self.places: dict[int, Place] = {}
        self._disk = disk
        self._opens = opens
        self._finds = finds
        self._wanted = wanted
        """Sonames that something lacks."""
        self._ask = ask
        """Told that what is being executed depends on the state of the process."""
        self._answers: dict[str, bool] = {}
        self._same: dict[int, int] = {}

    def bit(self, key: Cause) -> int:
        """The bit of a cause, the same for each of its occurrences."""
        bit = self.bits.get(key)
        if bit is None:
            bit = self.bits[key] = 2 << len(self.bits)
        return bit

    def hold(self, frame: Frame, path: FsPath) -> None:
        """The sonames that loading this object has brought in."""
        if not self._wanted:
            return
        found = self._disk.objects(path)
        if isinstance(found, tuple):
            brought = {name for obj in found for name in (*obj.needed, obj.soname or posixpath.basename(path))}
            if not brought.isdisjoint(self._wanted):
                self._ask()
                frame.brought |= brought & self._wanted

    def opened(self, frame: Frame, name: str, line: int) -> int:
        """0 where `dlopen(name)` succeeds here, else the cause."""
        self._ask()
        if "/" in name:
            name = posixpath.normpath(name)
            if not name.startswith("/"):
                return 0
        if self._opening(name):
            self._mark(frame, line)
            if "/" in name:
                self.hold(frame, FsPath(name))
            elif name in self._wanted:
                frame.brought |= {name}
            return 0
        bit = self._tried(frame, name, line)
        self.places[bit].asked = False
        return bit

    def _opening(self, name: str) -> bool:
        answer = self._answers.get(name)
        if answer is None:
            answer = self._answers[name] = self._opens(name)
        return answer

    def found(self, frame: Frame, name: str, line: int) -> tuple[str | None, int]:
        """What `find_library(name)` returns, empty where that cannot be known, and the cause where that is None."""
        self._ask()
        path = self._finds(name)
        return (path, 0) if path is not None else (None, self._tried(frame, name, line))

    def absent(self, causes: int) -> int:
        """Those of these causes that are libraries which the program itself does not have either."""
        lost = 0
        for bit, place in self.places.items():
            if bit & causes and not _OF_THE_PROGRAM.issuperset(place.names):
                lost |= bit
        return lost

    def _tried(self, frame: Frame, name: str, line: int) -> int:
        bit = self.bit((frame.home.path, frame.next, frame.line or line))
        place = self.places.setdefault(bit, Place(frame.home.path, frame.line or line))
        place.tried(name)
        return bit

    def _mark(self, frame: Frame, line: int) -> None:
        """Another candidate of the same statement opened, or one that stands in for earlier ones."""
        own = self.bits.get((frame.home.path, frame.next, frame.line or line), 0)
        for bit, place in self.places.items():
            if bit & (own | frame.context | frame.blame):
                place.opened = True

    def open_known(self, frame: Frame, known: Known) -> None:
        """A library that is known to be opened by this module, where the source does not tell."""
        self._ask()
        names: list[str] = []
        for candidate in known.names:
            path = self._finds(candidate.name) if candidate.how == "find_library" else candidate.name
            if path is not None and (not path or self._opening(path)):
                return
            names.append(candidate.name)
        bit = self.bit(known)
        self.places[bit] = Place(frame.home.path, 0, names, asked=False, source=known.source)
        if known.fatal:
            frame.outcome.fail(OS, bit)

    def alternatives(self, first: int, second: int) -> None:
        """Libraries of the same file of which the second is opened because the first could not be."""
        mine = [bit for bit in self.places if bit & first]
        for bit in self.places:
            if bit & second:
                for other in mine:
                    if other != bit and self.places[other].site == self.places[bit].site:
                        self._same[self.root(bit)] = self.root(other)

    def root(self, bit: int) -> int:
        """The first of a group of alternatives."""
        while bit in self._same and self._same[bit] != bit:
            bit = self._same[bit]
        return bit

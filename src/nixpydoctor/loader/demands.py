"""Where needed names lead: worked out once for all objects that look for the same names in the same places."""

from __future__ import annotations

from nixpydoctor.facts import Unread, VersionNeed
from nixpydoctor.light import dataclass, field
from nixpydoctor.loader.meanings import Asking
from nixpydoctor.loader.search import Mapped, Node, Places, Rules, answered
from nixpydoctor.loader.versions import versions


@dataclass(slots=True, eq=False)
class Demand:
    """The needed names of one or many objects, and where they lead."""

    kids: tuple[Node, ...]
    """What they lead to, in their order, beyond the started process."""
    names: dict[str, Node | None]
    """What those stand for to which the started process does not answer."""
    lost: tuple[tuple[int, Unread | None], ...]
    """Which of them lead to nothing, by their place, and the error that stops the loader there."""
    had: set[VersionNeed] = field(default_factory=set)
    """Versions that are known to be had from `names`."""
    asking: Asking = field(default_factory=Asking)
    """The objects that need this."""
    below: int | None = None
    """Everything that it maps, as a set, once that was asked for."""
    contested: bool = False
    """Whether a name means another file here than for whoever named it first."""


class Demands:
    """All demands of objects that are opened in one started process."""

    def __init__(self, rules: Rules, base: Mapped) -> None:
        self._rules = rules
        self._base = base
        self._known: dict[tuple[Places, tuple[str, ...]], Demand] = {}
        self._had = {
            VersionNeed(name, version, weak)
            for name, node in base.names.items()
            for version in versions(node)
            for weak in (False, True)
        }
        """Versions that are to be had from the started process."""

    def known(self, node: Node) -> Demand | None:
        """What the needed names of `node` lead to, where another object had the same."""
        return self._known.get((node.places, node.needs))

    def lead(self, node: Node) -> Demand:
        """The same, searched for."""
        mapped, files = self._base.names, self._base.files
        answers = node.places.answers
        kids: list[Node] = []
        lost: list[tuple[int, Unread | None]] = []
        names: dict[str, Node | None] = {}
        for at, name in enumerate(node.needs):
            if name in mapped:
                continue
            answer = answers.get(name) or answered(self._rules, node, name)
            found = answer.node
            if found is None:
                lost.append((at, answer.invalid))
            elif found.file in files:
                found = files[found.file]  # a file of the started process under one more name: only that is learnt
            else:
                kids.append(found)
            names[name] = found
        demand = Demand(tuple(kids), names, tuple(lost))
        if "" not in node.needs:  # the error about a name that is empty tells whose it is
            self._known[node.places, node.needs] = demand
        return demand

    def supply(self, node: Node, demand: Demand) -> bool:
        """Whether every version that `node` wants is sure to be had. False where `versions.faults` has to tell."""
        if self._had.issuperset(node.wants):
            return True
        rest = {*node.wants} - self._had - demand.had
        mapped, names = self._base.names, demand.names
        for soname, version, _ in rest:
            provider = mapped.get(soname) or names.get(soname)
            if provider is None or version not in (provider.defines or versions(provider)):
                return False
        demand.had |= rest
        return True

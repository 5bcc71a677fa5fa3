"""What one module asks while it is executed: the side of a walk that a frame knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nixpydoctor.edges import Import

if TYPE_CHECKING:
    from nixpydoctor.imports.frame import Frame
    from nixpydoctor.imports.graph import Graph
    from nixpydoctor.imports.memory import Memory
    from nixpydoctor.imports.openings import Openings
    from nixpydoctor.imports.outcome import Outcome
    from nixpydoctor.imports.surroundings import Surroundings


class Walk(Protocol):
    """What a frame asks of the walk that it is part of."""

    graph: Graph
    memory: Memory
    openings: Openings
    surroundings: Surroundings

    def absorbed(self, frame: Frame, step: Import) -> bool: ...

    def imported(self, frame: Frame, name: str) -> Outcome: ...

    def imported_from(self, frame: Frame, step: Import) -> Outcome: ...

"""One opening after the other, step by step: what a start or dlopen(3) maps, breadth first, with the working shown.

Follows `_dl_map_object_deps` in glibc's elf/dl-deps.c.
"""

from __future__ import annotations

from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.light import replace
from nixpydoctor.loader.search import Answer, Mapped, Node, Rules, answered
from nixpydoctor.loader.shared import Miss
from nixpydoctor.loader.trace import Attempt, How, LinkMap, Resolution, Verdict, VersionFault
from nixpydoctor.loader.versions import faults


def begun(rules: Rules, mapped: Mapped) -> LinkMap:
    """The process as its own code begins: the executable, its preloads, and all they need."""
    main = mapped.order[0]
    done: list[Resolution] = []
    ignored: list[Resolution] = []
    for name in rules.preloads():
        working: list[Attempt] = []
        answer = _request(rules, mapped, name, main, working)
        working = [replace(attempt, how=How.PRELOAD) if attempt.how is How.DIRECT else attempt for attempt in working]
        (ignored if answer.node is None else done).append(resolution(name, main, working, answer))
    settle(rules, mapped, 0, done)
    lacks = [fault for node in mapped.order for fault in faults(node, mapped.names)]
    # The loader is there from the beginning, under its names; it takes its place after what the program needs.
    mapped.order.extend(dict.fromkeys(node for node in mapped.names.values() if node not in mapped.order))
    return _link_map(mapped, done, lacks, ignored=tuple(ignored))


def traced(rules: Rules, base: Mapped, path: FsPath) -> LinkMap:
    """What opening `path` maps beyond `base`, each search with its working."""
    mapped = base.copy()
    answer = map_path(rules, mapped, path, shared=False)
    if answer.node is None:
        return _link_map(mapped, [], [], failure=answer.invalid)
    done: list[Resolution] = []
    settle(rules, mapped, len(base.order), done)
    new = mapped.order[len(base.order) :]
    return _link_map(mapped, done, [fault for node in new for fault in faults(node, mapped.names)])


def map_path(rules: Rules, mapped: Mapped, path: FsPath, *, shared: bool) -> Answer:
    """Map the object at `path` itself."""
    known = mapped.names.get(path)
    return Answer(known) if known is not None else mapped.place(path, rules.opened(path, shared=shared))


def settle(rules: Rules, mapped: Mapped, first: int, done: list[Resolution] | None) -> list[Miss]:
    """Map what the objects from number `first` on need, and what that needs; the working goes to `done`."""
    misses: list[Miss] = []
    order, names = mapped.order, mapped.names
    while first < len(order):
        node = order[first]
        first += 1
        for name, written in zip(node.needs, node.obj.needed, strict=True):
            if done is not None:
                working: list[Attempt] = []
                answer = _request(rules, mapped, name, node, working)
                done.append(resolution(written, node, working, answer))
            elif name in names:
                continue
            else:
                answer = mapped.place(name, answered(rules, node, name))
            if answer.node is None:
                misses.append(Miss(written, node, answer.invalid, name))
    return misses


def _request(rules: Rules, mapped: Mapped, name: str, requester: Node, working: list[Attempt]) -> Answer:
    known = mapped.names.get(name)
    if known is None:
        return mapped.place(name, rules.find(name, requester, working))
    working.append(Attempt(known.obj.path, How.LOADED, None, Verdict.FOUND))
    return Answer(known)


def resolution(name: str, requester: Node, working: list[Attempt], answer: Answer) -> Resolution:
    """One search as it is reported."""
    found = answer.node.obj if answer.node is not None else None
    return Resolution(name, requester.obj.path, tuple(working), found, answer.invalid)


def _link_map(
    mapped: Mapped,
    done: list[Resolution],
    lacks: list[VersionFault],
    failure: Unread | None = None,
    ignored: tuple[Resolution, ...] = (),
) -> LinkMap:
    known = {name: node.obj for name, node in mapped.names.items()}
    return LinkMap(tuple([node.obj for node in mapped.order]), tuple(done), tuple(lacks), failure, ignored, known)


def refused(image: LinkMap, why: Unread | None) -> LinkMap:
    """The process where nothing can be opened, and why."""
    return LinkMap(image.objects, (), failure=why, known=image.known)

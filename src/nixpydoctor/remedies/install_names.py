"""install-names: another file in place of a library that dyld does not find, named in the objects that need it."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, in_store, join, leaf, parent, store_path
from nixpydoctor.findings import Finding
from nixpydoctor.light import dataclass, replace
from nixpydoctor.loader.trace import Resolution
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.sign_again import signed
from nixpydoctor.treatments import NotHere, Reach, Treatment, ground, remedy

if TYPE_CHECKING:
    from nixpydoctor.darwin import MachO

_RULES = frozenset({"NPD101", "NPD601", "NPD602"})
_PACKAGE = re.compile(r"/nix/store/[a-z0-9]{32}-(?P<name>[^/]+?)(?:-\d[^/]*)?(?:-(?:lib|out|bin))?(?:/|\Z)")


@dataclass(frozen=True, slots=True)
class _Change:
    """One `install_name_tool -change`."""

    file: FsPath
    old: str
    new: str


@remedy("name another file of the library in the objects that need it")
def install_names(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """A plan: Apple's tools do it on the Mac, and each changed file is signed again."""
    base = ground(case.facts)
    if not case.dyld or base is None:
        yield NotHere("install names are macOS', in files of a venv or a project")
        return
    changes: list[_Change] = []
    why = f"no object below {base} lacks a library"
    for search in _lacking(findings):
        if not search.requester.startswith(f"{base}/") or in_store(search.requester):
            continue
        fitting = list(dict.fromkeys(_fitting(case, search)))
        if len(fitting) == 1:
            changes.append(_Change(search.requester, search.needed, _written(fitting[0], search.requester, base)))
        else:
            why = f"no other {leaf(FsPath(search.needed))} is known here"
            if fitting:
                why = f"{leaf(FsPath(search.needed))} is here more than once ({', '.join(sorted(fitting)[:4])})"
    if not changes:
        yield NotHere(why)
        return
    stored = dict.fromkeys(filter(None, (store_path(FsPath(change.new)) for change in changes)))
    root = shlex.quote(join(base, "nix-base"))
    yield Treatment(
        remedy=install_names,
        reach=Reach.VENV,
        instructions=template(
            "install_names.md",
            changes="\n".join(f"$ {_command(change)}" for change in changes),
            files=shlex.join(dict.fromkeys(change.file for change in changes)),
            keep=template("install_names_root.md", paths=shlex.join(stored), root=root) if stored else "",
            target=shlex.quote(case.facts.choice.target),
        ),
        after=replace(case.facts, disk=case.disk.overlay({}, slices=_changed(case, changes))),
        scope="reaches only objects that can be edited and libraries that are here",
    )


def _lacking(findings: Iterable[Finding]) -> Iterator[Resolution]:
    found = (item for finding in findings if finding.rule.id in _RULES for item in finding.evidence)
    yield from dict.fromkeys(item for item in found if isinstance(item, Resolution))


def _fitting(case: Case, search: Resolution) -> Iterator[FsPath]:
    """Files of that name for this processor: the distribution's own, else a named folder's or the package's."""
    name = leaf(FsPath(search.needed))
    owner = case.owner(search.requester)
    own = [path for path in owner.libraries if leaf(path) == name] if owner is not None else []
    yield from (path for path in own if _usable(case, path))
    if own:
        return
    said = _PACKAGE.match(search.needed)
    folders = [place for folder in case.facts.library_from for place in (folder, join(folder, "lib"))]
    folders += [join(path, "lib") for path in case.disk.stored(said["name"])] if said is not None else []
    for folder in folders:
        if name in (case.disk.names(folder) or ()) and _usable(case, join(folder, name)):
            yield join(folder, name)


def _usable(case: Case, path: FsPath) -> bool:
    loader, slices = case.process.loader, case.disk.slices(path)
    cpu = loader.platform if loader is not None else ""
    return isinstance(slices, tuple) and any(part.arch.name == cpu for part in slices)


def _written(path: FsPath, file: FsPath, base: FsPath) -> str:
    """The name that the object gets: relative to itself inside of the venv, which may be moved."""
    if not path.startswith(f"{base}/"):
        return path
    return f"@loader_path/{posixpath.relpath(path, parent(file))}"


def _command(change: _Change) -> str:
    return shlex.join(["install_name_tool", "-change", change.old, change.new, change.file])


def _changed(case: Case, changes: Sequence[_Change]) -> dict[FsPath, tuple[MachO, ...]]:
    """The edited files' slices, signed again."""
    made: dict[FsPath, tuple[MachO, ...]] = {}
    for change in changes:
        made[change.file] = tuple(
            replace(
                part,
                needed=tuple(
                    need._replace(name=change.new) if need.name == change.old else need for need in part.needed
                ),
            )
            for part in made.get(change.file) or signed(case, change.file)
        )
    return made

"""Looks at one folder of sys.path: what objects lie in it, and which distributions describe themselves there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.files import HERE, Files
from nixpydoctor.light import dataclass
from nixpydoctor.probes.folders import Listing, Note, has_library, list_folder
from nixpydoctor.probes.metadata import Metadata, read_metadata

if TYPE_CHECKING:
    from nixpydoctor.probes.ahead import Ahead


@dataclass(frozen=True, slots=True)
class Scan:
    """A folder of sys.path, listed, with the distributions in it: all that needs no answer from the Python."""

    listing: Listing
    dists: tuple[Metadata, ...] = ()
    stdlib: bool = False


def scan(
    folder: FsPath, note: Note, *, project: bool = False, files: Files = HERE, ahead: Ahead | None = None
) -> Scan | None:
    """List a folder of sys.path; None where there is no such folder. `ahead`: who may have done so already."""
    if not files.isdir(folder):
        return None
    if has_library(folder, files):
        return Scan(Listing(folder), stdlib=True)  # its extensions are in lib-dynload, which is listed by itself
    later: list[Unread] = []
    dists = _described(folder, later.append, files)  # while somebody else may still be listing
    listing = ahead.listing(folder, note) if ahead is not None and not project else None
    if listing is None:
        listing = list_folder(folder, note, project=project, files=files)
    for unread in later:
        note(unread)
    return Scan(listing, dists)


def _described(folder: FsPath, note: Note, files: Files) -> tuple[Metadata, ...]:
    """The distributions that have metadata in a folder."""
    try:
        names = sorted(os.listdir(files.at(folder)))
    except OSError:  # whoever lists it says so
        return ()
    told = (name for name in names if name.endswith((".dist-info", ".egg-info")))
    found = (read_metadata(folder, name, note, files) for name in told)
    return tuple(dist for dist in found if dist is not None)

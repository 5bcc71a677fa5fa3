"""Keeps RECORD true: the digest and size of a changed file in the list of what its distribution installed.

The format is CSV with `path,sha256=<urlsafe base64 without padding>,<bytes>` (PyPA, Recording installed projects). Only
the two fields of the one line change; a line without a digest is true already.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from nixpydoctor.facts import FsPath, join

_LARGEST = 1 << 26


def amended(base: str, changed: Mapping[FsPath, FsPath]) -> dict[FsPath, bytes]:
    """The new bytes of every RECORD that speaks of a changed file. `changed`: its path → where its new bytes are.

    Raises `OSError` where a new file cannot be read.
    """
    records: dict[FsPath, bytes] = {}
    of_site: dict[str, tuple[FsPath, ...]] = {}
    for path, new in changed.items():
        for site in _sites(path, base):
            if site not in of_site:
                of_site[site] = tuple(_records(site))
            line = _line(path[len(site) + 1 :])
            for record in of_site[site]:
                data = records[record] if record in records else _read(record)
                fresh = line.sub(_fields(new), data) if line.search(data) else data
                if fresh != data:
                    records[record] = fresh
    return records


def _sites(path: FsPath, base: str) -> Iterator[str]:
    """Folders above `path`, up to `base`: any may hold the distribution's own folder."""
    folder = path.rpartition("/")[0]
    while folder.startswith(base) and len(folder) > len(base):
        yield folder
        folder = folder.rpartition("/")[0]


def _records(site: str) -> Iterator[FsPath]:
    with suppress(OSError):
        for name in sorted(os.listdir(site)):
            record = join(site, f"{name}/RECORD")
            if name.endswith(".dist-info") and os.path.isfile(record):
                yield record


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return b""


def _line(path: str) -> re.Pattern[bytes]:
    """The line about `path`, its digest and size to be replaced."""
    raw = path.encode("utf-8", "surrogateescape")
    quoted = b'"' + raw.replace(b'"', b'""') + b'"'
    return re.compile(rb"^((?:" + re.escape(raw) + rb"|" + re.escape(quoted) + rb"),)sha256=[^,\r\n]*,\d*", re.M)


def _fields(new: str) -> bytes:
    import hashlib

    with open(new, "rb") as file:
        data = file.read()
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return rb"\g<1>sha256=" + digest + b"," + str(len(data)).encode("ascii")

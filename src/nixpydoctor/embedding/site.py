"""Follows Lib/site.py: what it adds to the path that getpath computed, and who put each entry there.

Lines of `.pth` files that run code are listed, not followed: what they do is anybody's guess.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from nixpydoctor.disk import Disk
from nixpydoctor.embedding.files import Files
from nixpydoctor.embedding.getpath import Build, Start, Surroundings, compute
from nixpydoctor.light import NamedTuple

SITES = ("venv", "user site", "site-packages")
"""What `site` adds by itself, and where `.pth` files count."""


_WRAPPERS = ("NIX_PYTHONPATH", "NIX_PYTHONPREFIX", "NIX_PYTHONEXECUTABLE")


class Entry(NamedTuple):
    """One element of the predicted sys.path."""

    path: str
    why: str
    """`PYTHONPATH`, `standard library`, `venv`, `user site`, `site-packages`, `host` or a `.pth` file's path."""


class Outlook(NamedTuple):
    """The Python world of a host, predicted."""

    executable: str
    prefix: str
    exec_prefix: str
    base_prefix: str
    path: tuple[Entry, ...]
    venv: str | None
    """The venv whose site-packages are on the path."""
    runs: tuple[tuple[str, str], ...]
    """(file, line) of each `.pth` line that runs code."""
    stdlib: bool
    """Whether a standard library was found: without one Python dies while it starts."""


def predict(build: Build, start: Start, around: Surroundings, disk: Disk) -> Outlook:
    """What `sys` would say in a host that embeds this build and starts in these surroundings."""
    files = Files(disk)
    paths = compute(build, start, around, files)
    given = len(paths.path) - 3
    entries = [Entry(path, "PYTHONPATH" if at < given else "standard library") for at, path in enumerate(paths.path)]
    made = _Site(build, start, around, files, entries)
    made.remove_duplicates()
    made.venv(paths.executable)
    venv = made.root
    prefixes = (
        [venv] if venv is not None and not made.system else [*([venv] if venv else []), paths.prefix, paths.exec_prefix]
    )
    if venv is None or made.system:
        made.user()
    made.packages([prefix for prefix in prefixes if prefix], "site-packages")
    told = made.nixpkgs()
    made.host(start)
    return Outlook(
        executable=paths.executable if venv else told.get("NIX_PYTHONEXECUTABLE", paths.executable),
        prefix=venv or told.get("NIX_PYTHONPREFIX", paths.prefix),
        exec_prefix=venv or told.get("NIX_PYTHONPREFIX", paths.exec_prefix),
        base_prefix=paths.prefix,
        path=tuple(made.entries),
        venv=venv,
        runs=tuple(made.runs),
        stdlib=paths.found,
    )


class _Site:
    """`site.main()`, with its list of known paths."""

    def __init__(self, build: Build, start: Start, around: Surroundings, files: Files, entries: list[Entry]) -> None:
        self._build = build
        self._start = start
        self._around = around
        self._files = files
        self.entries = entries
        self.runs: list[tuple[str, str]] = []
        self.root: str | None = None
        self.system = True
        """Whether the folders outside of the venv count as well."""
        self._known: set[str] = set()

    def remove_duplicates(self) -> None:
        """`removeduppaths`: absolute and normalized, the first of each."""
        kept: list[Entry] = []
        for entry in self.entries:
            path = posixpath.normpath(posixpath.join(self._around.cwd, entry.path))
            if path not in self._known:
                self._known.add(path)
                kept.append(Entry(path, entry.why))
        self.entries = kept

    def venv(self, executable: str) -> None:
        """`venv`: pyvenv.cfg beside `sys.executable`, or one folder above."""
        folder = posixpath.dirname(posixpath.normpath(posixpath.join(self._around.cwd, executable)))
        above = posixpath.dirname(folder)
        for place in (folder, above):
            lines = self._files.lines(f"{place}/pyvenv.cfg")
            if lines is not None:
                break
        else:
            return
        self.root, self.system = above, True
        for line in lines:
            key, sign, value = line.partition("=")
            if sign and key.strip().lower() == "include-system-site-packages":
                self.system = value.strip().lower() == "true"
        self.packages([above], "venv")

    def user(self) -> None:
        """`addusersitepackages`: unless switched off, and only a folder that exists."""
        env = self._around.env
        if self._start.isolated or env.get("PYTHONNOUSERSITE"):
            return
        base = env.get("PYTHONUSERBASE") or f"{self._around.home}/.local"
        major, minor = self._build.version
        self._add(f"{base}/lib/python{major}.{minor}{self._build.threads}/site-packages", "user site")

    def packages(self, prefixes: list[str], why: str) -> None:
        """`addsitepackages` over `getsitepackages`; Debian's version of it where its own folders are there."""
        major, minor = self._build.version
        seen: set[str] = set()
        for prefix in prefixes:
            if prefix in seen:
                continue
            seen.add(prefix)
            inside = self.root is not None
            if self._debian():
                if inside:
                    self._add(f"{prefix}/lib/python{major}.{minor}/site-packages", why)
                self._add(f"{prefix}/local/lib/python{major}.{minor}/dist-packages", why)
                self._add(f"{prefix}/lib/python3/dist-packages", why)
                self._add(f"{prefix}/lib/python{major}.{minor}/dist-packages", why)
                continue
            for folder in dict.fromkeys((self._build.platlibdir, "lib")):
                self._add(f"{prefix}/{folder}/python{major}.{minor}{self._build.threads}/site-packages", why)

    def nixpkgs(self) -> Mapping[str, str]:
        """The variables of a wrapper that nixpkgs' `sitecustomize` takes; its folders are added here.

        They reach a host only where something that such a wrapper started starts it and kept them.
        """
        told = {name: self._around.env[name] for name in _WRAPPERS if name in self._around.env}
        if not told:
            return told
        files = (self._files.lines(f"{entry.path}/sitecustomize.py") for entry in self.entries)
        first = next((lines for lines in files if lines is not None), ())
        if not any("NIX_PYTHONPATH" in line for line in first):
            return {}
        for folder in told["NIX_PYTHONPATH"].split(":") if "NIX_PYTHONPATH" in told else ():
            self._add(folder, "NIX_PYTHONPATH")
        return told

    def host(self, start: Start) -> None:
        """What the program adds itself once Python runs; it may be on the path already."""
        if start.adds is not None:
            end, folder = start.adds
            self.entries.insert(0 if end == "first" else len(self.entries), Entry(folder, "host"))

    def _debian(self) -> bool:
        """Whether Debian's `site` runs: frozen into libpython since 3.11, a file of the standard library before."""
        if self._build.version >= (3, 11):
            return self._build.debian
        stdlib = next((entry.path for entry in self.entries if entry.path.endswith(self._build.stdlib)), "")
        return any("dist-packages" in line for line in self._files.lines(f"{stdlib}/site.py") or ())

    def _add(self, folder: str, why: str) -> None:
        """`addsitedir`: the folder itself, then what its `.pth` files name, in their order."""
        folder = posixpath.normpath(posixpath.join(self._around.cwd, folder))
        if not self._files.is_dir(folder):
            return
        if folder not in self._known:
            self._known.add(folder)
            self.entries.append(Entry(folder, why))
        for name in sorted(self._files.names(folder)):
            if name.endswith(".pth") and not (name.startswith(".") and self._build.version >= (3, 8)):
                self._pth(folder, name)

    def _pth(self, folder: str, name: str) -> None:
        for line in self._files.lines(f"{folder}/{name}") or ():
            text = line.rstrip()
            if not text or text.startswith("#"):
                continue
            if text.startswith(("import ", "import\t")):
                self.runs.append((f"{folder}/{name}", text))
                continue
            path = posixpath.normpath(posixpath.join(folder, text))
            if path not in self._known and (self._files.is_dir(path) or self._files.is_file(path)):
                self._known.add(path)
                self.entries.append(Entry(path, f"{folder}/{name}"))

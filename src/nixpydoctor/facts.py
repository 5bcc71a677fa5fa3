"""The nouns: what was seen of a machine, frozen, with no way to touch the machine again.

Everything here is a value. Paths are strings of the *target's* file system (`FsPath`): a measured choice, because one
check of a thousand objects asks for tens of thousands of joined paths and a `PurePosixPath` costs a microsecond each.
What an edit can change (objects, links, texts, folders) is not stored here but asked for through `Disk`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NewType

from nixpydoctor.light import NamedTuple, dataclass, field, replace

if TYPE_CHECKING:
    from nixpydoctor.disk import Disk

FsPath = NewType("FsPath", str)

STORE = "/nix/store/"

FHS_INTERPS: Mapping[tuple[int, int], str] = {
    (62, 64): "/lib64/ld-linux-x86-64.so.2",
    (3, 32): "/lib/ld-linux.so.2",
    (183, 64): "/lib/ld-linux-aarch64.so.1",
    (40, 32): "/lib/ld-linux-armhf.so.3",
    (243, 64): "/lib/ld-linux-riscv64-lp64d.so.1",
    (21, 64): "/lib64/ld64.so.2",
    (22, 64): "/lib/ld64.so.1",
}
"""(e_machine, bits) → the interp that objects built for the distributions name (each architecture's psABI)."""


def join(folder: str, name: str) -> FsPath:
    """`folder/name`, for a name that is not absolute."""
    return FsPath(f"{folder}{name}" if folder.endswith("/") else f"{folder}/{name}")


def parent(path: str) -> FsPath:
    """The folder that holds `path`."""
    return FsPath(posixpath.dirname(path))


def leaf(path: str) -> str:
    """The last component of `path`."""
    return posixpath.basename(path)


def in_store(path: str) -> bool:
    """Whether `path` names something inside the Nix store."""
    return path.startswith(STORE)


def store_path(path: str) -> FsPath | None:
    """`/nix/store/hash-name` of a path at or below it; None outside of the store."""
    name = path[len(STORE) :].partition("/")[0] if in_store(path) else ""
    return FsPath(STORE + name) if name else None


# ── objects ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Arch(NamedTuple):
    """What an object was built for: a loader skips one that differs from its own process."""

    machine: int
    """`e_machine` of elf(5), for example 62 for x86-64."""
    bits: Literal[32, 64]
    little: bool


MACHINES: Mapping[str, Arch] = {
    "x86_64": Arch(62, 64, True),
    "aarch64": Arch(183, 64, True),
    "i686": Arch(3, 32, True),
    "riscv64": Arch(243, 64, True),
}
"""`uname -m` → what its programs are built for."""


class VersionNeed(NamedTuple):
    """One symbol version that an object wants from the object that carries `soname` (.gnu.version_r)."""

    soname: str
    version: str
    weak: bool


@dataclass(frozen=True, slots=True)
class Elf:
    """What the dynamic section of an ELF file says. Strings are decoded with surrogateescape."""

    path: FsPath
    """The path by which it was opened: `$ORIGIN` is the folder of this, symlinks unresolved (except for a program)."""
    identity: tuple[int, int]
    """Device and inode; the loader recognises an already loaded file by them."""
    arch: Arch
    kind: int
    """`e_type`: 2 a program at a fixed address, 3 a shared object or position-independent program."""
    interp: str | None = None
    soname: str | None = None
    needed: tuple[str, ...] = ()
    rpath: str | None = None
    """DT_RPATH as written, colons and `$ORIGIN` included; None where there is none."""
    runpath: str | None = None
    """DT_RUNPATH as written. An empty one still switches every rpath off."""
    nodeflib: bool = False
    verneed: tuple[VersionNeed, ...] = ()
    verdef: tuple[str, ...] | None = ()
    """Versions this object defines, its own name (VER_FLG_BASE) left out; None where unknown (a symbolic object)."""
    execstack: bool = False
    static_tls: bool = False
    pie: bool = False
    """DF_1_PIE: a program although `kind` is 3. The loader refuses to dlopen it."""
    dynamic: bool = True
    """False for an object without a dynamic section."""


Object = Elf
"""An object that a loader can map."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that is there and cannot be used, and why."""

    path: FsPath
    reason: str
    """The loader's own words where it has some: `file too short`, `invalid ELF header`, `Permission denied`."""
    fatal: bool
    """True where a loader that meets it stops with an error; False where it goes on to the next place."""


# ── the process ──────────────────────────────────────────────────────────────────────────────────────────────────────


class CacheEntry(NamedTuple):
    """One line of `ldconfig -p`, in the order in which the cache file holds it."""

    soname: str
    path: FsPath
    flags: int
    hwcap: str | None
    """Name of the glibc-hwcaps folder that the entry is for, for example `x86-64-v3`."""


@dataclass(frozen=True, slots=True)
class Loader:
    """The program named by an interp, as it behaves on this machine."""

    path: FsPath
    """The interp as the executable names it."""
    real: FsPath
    """The loader that does the searching, symlinks resolved (behind a shim: the one that the shim starts)."""
    family: Literal["glibc", "musl", "stub", "dyld"]
    """`stub`: NixOS's stub-ld, which prints an explanation and exits with 127."""
    shim: Literal["nix-ld"] | None = None
    version: str | None = None
    """The C library's version, for example `2.40`; for dyld that of macOS, for example `15.4`."""
    system_dirs: tuple[FsPath, ...] = ()
    """Default folders in search order, without a trailing slash."""
    cache_path: FsPath | None = None
    """The only cache file that this loader reads."""
    cache: tuple[CacheEntry, ...] = ()
    hwcaps: tuple[str, ...] = ()
    """glibc-hwcaps folders that this CPU enables, best first."""
    platform: str = ""
    """The value of `$PLATFORM`; for dyld what its processes run as, `arm64` or `x86_64`."""
    lib: str = "lib"
    """The value of `$LIB`."""
    library_path: str | None = None
    """What a shim, or the command line of a wrapper, adds to LD_LIBRARY_PATH for this process only, colons included."""
    basis: Literal["asked", "read", "assumed"] = "asked"
    """`asked`: from `--list-diagnostics`. `read`: from the loader's own strings. `assumed`: on a modelled world."""
    preload: tuple[str, ...] = ()
    """Objects from the loader's preload file (`/etc/ld.so.preload`, `/etc/ld-nix.so.preload`)."""
    preload_path: FsPath | None = None
    """The preload file that this loader reads."""
    legacy: tuple[str, ...] = ()
    """Subfolders that a glibc before 2.37 looks through after the glibc-hwcaps ones, in order (`formats.hwcaps`)."""


@dataclass(frozen=True, slots=True)
class Process:
    """A program together with the loader its interp names and the environment it starts with."""

    executable: FsPath
    """The ELF file behind every symlink and wrapper."""
    interp: FsPath | None
    """PT_INTERP of the executable; None for a static program."""
    loader: Loader | None
    """None where the interp does not exist, or there is none."""
    env: Mapping[str, str]
    """Only the variables of `ENVIRONMENT`."""

    def setenv(self, name: str, value: str | None) -> Process:
        """The same process with one variable set, or removed where `value` is None."""
        env = {key: old for key, old in self.env.items() if key != name}
        if value is not None:
            env[name] = value
        return replace(self, env=env)


ENVIRONMENT: tuple[str, ...] = (
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "LD_AUDIT",
    "LD_BIND_NOW",
    "GLIBC_TUNABLES",
    "NIX_LD",
    "NIX_LD_LIBRARY_PATH",
    "NIX_PYTHONPATH",
    "NIX_PYTHONPREFIX",
    "NIX_PYTHONEXECUTABLE",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONNOUSERSITE",
    "PYTHONUSERBASE",
    "PYTHONSAFEPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONEXECUTABLE",
    "PYTHONDONTWRITEBYTECODE",
    "_PYTHON_SYSCONFIGDATA_NAME",
    "_PYTHON_HOST_PLATFORM",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "PYO3_PYTHON",
    "PYO3_CONFIG_FILE",
    "PYO3_NO_PYTHON",
    "PATH",
    "IN_NIX_SHELL",
    "DIRENV_DIR",
    "DEVENV_ROOT",
    "DEVBOX_PROJECT_ROOT",
    "LOCALE_ARCHIVE",
    "LOCALE_ARCHIVE_2_27",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NIX_SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "container",
)
"""The published list: no other variable is kept, shown or written to a facts file. The `_<system>` forms of NIX_LD's
two variables are kept as well."""


# ── Python ───────────────────────────────────────────────────────────────────────────────────────────────────────────

Provider = Literal["nix", "nix-env", "venv", "user", "system", "standalone", "conda", "project", "hook"]
"""Whose a directory of sys.path is. `nix-env`: packages that Nix put together; `hook`: code that a .pth file runs."""


@dataclass(frozen=True, slots=True)
class PathEntry:
    """One element of sys.path, in its place."""

    path: FsPath
    provider: Provider
    by: str = ""
    """The variable that put it there: `PYTHONPATH` or `NIX_PYTHONPATH`. Empty: Python itself or a .pth file."""
    archive: bool = False
    """Whether it is a zip file or lies in one."""


@dataclass(frozen=True, slots=True)
class Python:
    """A Python as it described itself, or as its files describe it where it cannot or must not be started."""

    command: FsPath
    """The file that the user would call, symlinks and wrappers unresolved."""
    version: str
    """For example `3.12.1`; `3.12` where only the files told; empty where nothing did."""
    implementation: str = "cpython"
    soabi: str | None = None
    suffixes: tuple[str, ...] = ()
    """Extension suffixes in the order in which the import system tries them."""
    prefix: FsPath = FsPath("")
    base_prefix: FsPath = FsPath("")
    path: tuple[PathEntry, ...] = ()
    """sys.path as a user gets it, without the script's or the current folder."""
    builtins: frozenset[str] = frozenset()
    """Modules compiled into the program: no file decides about them."""
    frozen: frozenset[str] = frozenset()
    """Modules whose bytecode is compiled into the program: they come before sys.path as well."""
    platform: str = "linux"
    """`sys.platform`."""
    machine: str = ""
    """`platform.machine()`."""
    user_site: FsPath | None = None
    """Where user site is enabled, its folder."""
    user_folder: FsPath | None = None
    """The user site that exists for this Python, switched on or not."""
    site_folders: tuple[FsPath, ...] = ()
    """The folders that `site` adds in its order, those it finds on sys.path already included, .pth files' not."""
    basis: Literal["asked", "read"] = "asked"
    """`asked`: it answered the probe. `read`: from pyvenv.cfg, symlinks and the folder layout."""
    silence: str | None = None
    """Why it was not asked or gave no usable answer; None where it answered."""
    answered: bool = True
    """False where it was started and gave no usable answer (hang, crash, garbage)."""

    @property
    def minor(self) -> tuple[int, int] | None:
        """(3, 12) for 3.12.1; None where the version is unknown."""
        parts = self.version.split(".")
        return (int(parts[0]), int(parts[1])) if len(parts) > 1 and parts[0].isdigit() and parts[1].isdigit() else None


@dataclass(frozen=True, slots=True)
class Venv:
    """What pyvenv.cfg says, and what became of it."""

    root: FsPath
    home: FsPath | None
    """Folder of the Python that it was made from."""
    version: str | None
    creator: Literal["venv", "virtualenv", "uv", "unknown"]
    system_site: bool
    base: FsPath | None = None
    """What `bin/python` points to, every symlink followed as far as it goes."""
    base_exists: bool = True
    links: tuple[FsPath, ...] = ()
    """The symbolic links from `bin/python` to its base, one after the other; none for a copied program."""
    home_exists: bool = True
    activates: FsPath | None = None
    """The folder that `bin/activate` puts on PATH; None where it works that out itself, or there is no such file."""
    aliases: tuple[FsPath, ...] = ()
    """Other names of `root` that `bin/activate` and the scripts use."""
    scripts: Mapping[FsPath, str] = field(default_factory=dict)
    """Each script of its bin folder and its first line; the second as well where that one starts the Python."""
    held: FsPath | None = None
    """The store path that it cannot do without, where there is one and somebody may collect it."""
    roots: tuple[FsPath, ...] | None = None
    """What keeps `held` from garbage collection; None where nobody could tell."""
    hidden_roots: int = 0
    """Roots in folders of other users, which lead nobody knows where."""

    @property
    def made_at(self) -> FsPath | None:
        """Where `bin/activate` believes it to be, if it is not there any more."""
        here = self.activates is None or self.activates == self.root or self.activates in self.aliases
        return None if here else self.activates

    def own(self, path: str) -> bool:
        """Whether `path` lies in this venv, by whatever name it goes."""
        return path.startswith((f"{self.root}/", *(f"{alias}/" for alias in self.aliases)))


@dataclass(frozen=True, slots=True)
class Dist:
    """An installed distribution and its objects."""

    name: str
    """As in its metadata."""
    version: str
    location: FsPath
    """The sys.path entry that holds it."""
    installer: str | None = None
    tags: tuple[str, ...] = ()
    """Wheel tags, for example `cp312-cp312-manylinux_2_17_x86_64`."""
    requires: tuple[str, ...] = ()
    """Requires-Dist lines whose extras do not matter, normalized names only."""
    top_level: tuple[str, ...] = ()
    """Importable top-level names."""
    extensions: tuple[FsPath, ...] = ()
    """Extension modules that this Python would load, in path order."""
    foreign: tuple[FsPath, ...] = ()
    """Extension modules whose suffix is that of another Python or platform."""
    libraries: tuple[FsPath, ...] = ()
    """Other shared objects: bundled libraries and plugins."""
    programs: tuple[FsPath, ...] = ()
    """Compiled console programs in the environment's bin folder."""
    gone: tuple[FsPath, ...] = ()
    """Objects that RECORD lists and the disk lacks."""
    lost: tuple[str, ...] = ()
    """Top-level names that RECORD lists code for and that are not in the folder any more."""
    opens: bool = True
    """False where a look at its sources found no sign of opening libraries by name (`probes.openers`)."""

    @property
    def vanished(self) -> tuple[FsPath, ...]:
        """Those of `gone` that carry the tag of some Python (PEP 3149): extension modules."""
        return tuple(path for path in self.gone if any(tag in leaf(path) for tag in (".cpython-", ".abi3.", ".pypy")))

    @property
    def key(self) -> str:
        """The normalized name (PyPA name normalization)."""
        return normalize(self.name)


def normalize(name: str) -> str:
    """Lower case, with every run of `-`, `_` and `.` as one hyphen (PyPA name normalization)."""
    out = name.lower().replace("_", "-").replace(".", "-")
    while "--" in out:
        out = out.replace("--", "-")
    return out


@dataclass(frozen=True, slots=True)
class Configured:
    """For which Python PyO3 configured a build, or would configure one."""

    by: str
    """Who says so: a file of a build folder, or a variable."""
    python: FsPath = FsPath("")
    """Empty where none is named."""
    minor: tuple[int, int] | None = None
    stable: bool = False
    """Whether it is for the stable ABI (abi3): any later minor can run it."""
    library_dir: FsPath = FsPath("")
    """The folder of the libpython to link."""


@dataclass(frozen=True, slots=True)
class Host:
    """The Python inside a program that embeds it, as its files and CPython's path rules describe it."""

    needed: str | None
    """The soname by which the program asks for libpython; None where Python is inside of the program itself."""
    library: FsPath | None
    """The file with Python's code: the libpython found, or the program; None where none was found."""
    prefix: FsPath | None
    """Compiled in: where its standard library is if nothing leads to another; None where it could not be read."""
    platlibdir: str = "lib"
    """Where below a prefix the standard library is: `lib`, or `lib64` on some distributions."""
    threads: str = ""
    """`t` for a free-threaded build."""
    debian: bool = False
    """Whether the `site` that is frozen into it is Debian's."""
    exports: bool = True
    """Whether extension modules find Python's symbols: a static one may keep them to itself."""
    binding: Literal["pyo3", "pybind11", ""] = ""
    """Which library the program embeds Python with, where its texts tell."""
    isolated: bool = False
    """Whether it initialises Python isolated: without the user site, and deaf to the PYTHON variables."""
    named: str = ""
    """The path that it hands to Python as the name of the program; empty where Python looks for a `python3`."""
    adds: tuple[Literal["first", "last"], FsPath] | None = None
    """A folder that it puts into sys.path by itself, and at which end."""
    sets: tuple[str, ...] = ()
    """Functions of Python that it calls to set home, name or path: what it tells them is not predicted."""
    configured: Configured | None = None
    """What its build was for, where the build folder is still beside it."""
    wished: Configured | None = None
    """What a build in this shell would be for, where variables of PyO3 say it."""
    executable: str = ""
    """What `sys.executable` will be."""
    stdlib: bool = True
    """Whether a standard library was found: without one such a Python dies while it starts."""
    runs: tuple[tuple[str, str], ...] = ()
    """(file, line) of each `.pth` line that runs code: what it does is not predicted."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process that was running when it was looked at."""

    pid: int
    mapped: tuple[FsPath, ...]
    """Files that it had mapped, its program and every library that it had opened by then."""
    gone: tuple[FsPath, ...] = ()
    """Libraries among what it had mapped that were not there any more."""
    without_psutil: bool = False
    """It was read from /proc."""


@dataclass(frozen=True, slots=True)
class World:
    """One process and its Python."""

    process: Process
    python: Python | None = None
    venv: Venv | None = None
    dists: tuple[Dist, ...] = ()
    hidden: tuple[Dist, ...] = ()
    """Distributions on sys.path that an earlier entry holds as well: nothing imports them."""
    host: Host | None = None
    """Where the process is a program that embeds its Python."""
    running: Running | None = None
    """Where the process is one that was running (`check --pid`)."""

    def owners(self) -> Iterator[tuple[FsPath, Dist]]:
        """Each examined object with the distribution it belongs to."""
        for dist in self.dists:
            for path in (*dist.extensions, *dist.foreign, *dist.libraries, *dist.programs, *dist.gone):
                yield path, dist


@dataclass(frozen=True, slots=True)
class Imported:
    """What really happened when one top-level module was imported (`check --imports`)."""

    name: str
    outcome: Literal["ok", "failed", "killed", "timeout"]
    error: str = ""
    """The chain of exceptions, innermost first, one per line."""


@dataclass(frozen=True, slots=True)
class Platform:
    """The machine's kind."""

    system: Literal["nixos", "linux", "darwin"]
    machine: str
    """`uname -m`."""
    name: str = ""
    """PRETTY_NAME or ID and VERSION_ID of os-release(5)."""
    nix: bool = False
    """A Nix store is there."""
    fhs_env: bool = False
    """Inside a buildFHSEnv sandbox."""
    container: bool = False
    nix_shell: Literal["pure", "impure"] | None = None
    kernel: str = ""
    """`uname -r`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which target was meant, and why: the report says so first."""

    target: str
    """As given or discovered."""
    kind: Literal["venv", "python", "project", "host"]
    why: str
    root: str = ""
    """The folder of the examining machine below which the target's file system lay; empty for its own."""


@dataclass(frozen=True, slots=True)
class Project:
    """The folder that a person would edit."""

    root: FsPath
    files: tuple[str, ...] = ()
    """Names of known project files in it: `flake.nix`, `uv.lock`, `.envrc` …"""
    requires_python: str | None = None
    below: str = ""
    """Where it lies in its repository: `services/app`. Empty at the repository's top, and where there is none."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that rules and remedies may know."""

    main: World
    disk: Disk
    choice: Choice
    platform: Platform
    beside: World | None = None
    """The command line's Python beside a host's."""
    fhs_loader: Loader | None = None
    """What stands at the interp that distributions' programs name; None where nothing does."""
    project: Project | None = None
    unread: tuple[Unread, ...] = ()
    imported: tuple[Imported, ...] | None = None
    """Only with `check --imports`."""
    started_with: Mapping[str, str] = field(default_factory=dict)
    """What PYTHONPATH and the user site had put into the tool's own sys.path before they were taken out."""
    home: str | None = None
    """The user's home folder: reports for people write it as `~`."""
    library_from: tuple[FsPath, ...] = ()
    """Folders that the user named as the place of missing libraries (`fix --library-from`)."""
    unrooted: Mapping[FsPath, bool] = field(default_factory=dict)
    """Store paths that a Mac's images name and for which no garbage collector root was found; whether there is none
    for sure."""

    @property
    def fhs_interp(self) -> FsPath | None:
        """The interp that distributions' programs name on this machine."""
        arch = MACHINES.get(self.platform.machine)
        return FsPath(FHS_INTERPS[arch.machine, arch.bits]) if arch is not None else None

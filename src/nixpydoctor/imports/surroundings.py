"""What code can learn of the target without running: its platform, its disk, what pure functions return."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Callable, Mapping, Sequence

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, World, join, normalize
from nixpydoctor.imports.values import UNKNOWN, Value, known, truth


class Surroundings:
    """What code can learn of the target without running: constants of the platform, and pure functions."""

    def __init__(self, world: World, disk: Disk) -> None:
        self._disk = disk
        self._dists = world.dists
        python = world.python
        self._env: Mapping[str, str] = world.process.env
        version = tuple(int(part) for part in (python.version if python else "").split(".") if part.isdigit())
        system = python.platform if python else "linux"
        self.constants: dict[str, Value] = {
            "sys.platform": system,
            "os.name": "posix",
            "sys.maxsize": (1 << 63) - 1,
            "sys.byteorder": "little",
            "sys.implementation.name": python.implementation if python else "cpython",
            "os.sep": "/",
            "os.path.sep": "/",
            "os.pathsep": ":",
            "os.linesep": "\n",
            "sys.argv": ("-c",),
            "sys.path": tuple(str(entry.path) for entry in python.path) if python else UNKNOWN,
            "typing.TYPE_CHECKING": False,
            "builtins.True": True,
        }
        if python is not None and len(version) > 1:
            self.constants["sys.version"] = python.version
            self.constants["sys.version_info"] = (*(*version, 0, 0)[:3], "final", 0)
            self.constants["sys.version_info.major"], self.constants["sys.version_info.minor"] = version[:2]
            self.constants["sys.hexversion"] = (version[0] << 24) + (version[1] << 16) + 0xF0
            self.constants["sys.prefix"] = self.constants["sys.exec_prefix"] = str(python.prefix)
            self.constants["sys.base_prefix"] = str(python.base_prefix)
        machine = python.machine if python else ""
        name = {"linux": "Linux", "darwin": "Darwin"}.get(system, system)
        implementation = {"cpython": "CPython", "pypy": "PyPy"}.get(python.implementation if python else "", "")
        fixed: dict[str, Value] = {
            "platform.system": name,
            "platform.machine": machine,
            "platform.python_implementation": implementation,
            "platform.architecture": ("64bit", "ELF"),
            "struct.calcsize": 8,
            "os.getenv": UNKNOWN,
        }
        site = next((str(dist.location) for dist in world.dists if "-packages" in dist.location), "")
        if site:
            fixed["distutils.sysconfig.get_python_lib"] = site
            fixed["site.getsitepackages"] = (site,)
        self._fixed = {key: value for key, value in fixed.items() if value != ""}

    def objects(self, dist: str) -> Value:
        """Paths of the objects that a distribution installed; None where it is not installed."""
        for one in self._dists:
            if one.key == normalize(dist):
                return (*one.extensions, *one.libraries)
        return None

    def call(self, name: str, arguments: Sequence[Value], named: Mapping[str, Value]) -> Value:
        """What a function of the standard library returns; UNKNOWN for one that is not modelled."""
        if name in ("os.environ.get", "os.getenv") and arguments and isinstance(arguments[0], str):
            default = arguments[1] if len(arguments) > 1 else named.get("default")
            return self._env.get(arguments[0], default)
        if name in self._fixed:
            return self._fixed[name]
        function = _FUNCTIONS.get(name)
        if function is not None and known(*arguments):
            try:
                return function(*arguments)
            except (TypeError, ValueError, AttributeError):
                return UNKNOWN
        if name in ("os.path.exists", "os.path.isfile", "os.path.isdir", "os.path.lexists") and known(*arguments):
            return self.exists(arguments[0] if arguments else None, name.rpartition(".")[2])
        if name == "os.listdir" and arguments and isinstance(arguments[0], str):
            return self._listed(arguments[0], "*", full=False)
        if name in ("glob.glob", "glob.iglob") and arguments and isinstance(arguments[0], str):
            return self._listed(posixpath.dirname(arguments[0]), posixpath.basename(arguments[0]), full=True)
        return UNKNOWN

    def exists(self, path: Value, how: str = "exists") -> Value:
        """Whether something is at that path; below the current folder there is nothing, as for any plain import."""
        if not isinstance(path, str):
            return UNKNOWN
        if not path.startswith("/"):
            return False
        clean = FsPath(posixpath.normpath(path))
        if how in ("is_dir", "isdir"):
            return self._disk.names(clean) is not None
        return self._disk.has(clean) and (how not in ("is_file", "isfile") or self._disk.names(clean) is None)

    def _listed(self, folder: str, pattern: str, *, full: bool) -> Value:
        if not folder.startswith("/") or any(sign in folder for sign in "*?["):
            return UNKNOWN
        names = sorted(fnmatch.filter(self._disk.names(FsPath(posixpath.normpath(folder))) or (), pattern))
        return tuple(join(folder, name) if full else name for name in names)

    def method(self, of: Value, name: str, arguments: Sequence[Value], named: Mapping[str, Value]) -> Value:
        """What a method of a text, a path, a list or a dict returns."""
        if isinstance(of, dict):
            if name == "get" and arguments and known(arguments[0]):
                return of.get(arguments[0], arguments[1] if len(arguments) > 1 else None)
            views = {"keys": tuple(of), "values": tuple(of.values()), "items": tuple(of.items())}
            return views.get(name, UNKNOWN)
        if not isinstance(of, str) or not known(*arguments, *named.values()):
            return UNKNOWN
        texts = [argument for argument in arguments if isinstance(argument, str)]
        if name in ("exists", "is_file", "is_dir"):
            return self.exists(of, name)
        if name in ("glob", "iterdir"):
            return self._listed(of, texts[0] if texts else "*", full=True)
        method = _METHODS.get(name)
        try:
            return method(of, *arguments, **named) if method is not None else UNKNOWN
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):
            return UNKNOWN


def _format(text: str, *arguments: Value, **named: Value) -> str:
    return text.format(*arguments, **named)


def _same(path: str, *_: Value, **__: Value) -> str:
    return path


_METHODS: Mapping[str, Callable[..., Value]] = {
    "format": _format,
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
    "replace": str.replace,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "join": lambda text, parts: text.join(parts),
    "split": lambda text, *by: tuple(text.split(*by)),
    "decode": _same,
    "encode": _same,
    "resolve": _same,
    "absolute": _same,
    "locate": _same,
    "as_posix": _same,
    "__str__": _same,
    "__fspath__": _same,
    "is_absolute": posixpath.isabs,
    "joinpath": posixpath.join,
    "with_name": lambda path, name: posixpath.join(posixpath.dirname(path), name),
    "with_suffix": lambda path, suffix: posixpath.splitext(path)[0] + suffix,
}


def _path(*parts: str) -> str:
    return posixpath.join(*parts) if parts else "."


def _anyof(values: tuple[Value, ...]) -> bool:
    return any(truth(value) for value in values)


def _allof(values: tuple[Value, ...]) -> bool:
    return all(truth(value) for value in values)


def _text(value: Value = "") -> Value:
    return str(value) if isinstance(value, (str, int)) else UNKNOWN


_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "os.path.dirname": posixpath.dirname,
    "os.path.basename": posixpath.basename,
    "os.path.join": posixpath.join,
    "os.path.abspath": posixpath.normpath,
    "os.path.realpath": posixpath.normpath,
    "os.path.normpath": posixpath.normpath,
    "os.path.split": posixpath.split,
    "os.path.splitext": posixpath.splitext,
    "os.fspath": _text,
    "os.fsdecode": _text,
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "builtins.str": _text,
    "builtins.bool": truth,
    "builtins.len": len,
    "builtins.list": lambda values=(): tuple(values),
    "builtins.tuple": lambda values=(): tuple(values),
    "builtins.set": lambda values=(): tuple(values),
    "builtins.sorted": lambda values: tuple(sorted(values)),
    "builtins.reversed": lambda values: tuple(reversed(values)),
    "builtins.enumerate": lambda values: tuple(enumerate(values)),
    "builtins.any": _anyof,
    "builtins.all": _allof,
    "builtins.int": int,
    "platform.python_version_tuple": lambda: UNKNOWN,
}

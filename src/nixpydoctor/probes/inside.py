# Runs inside the Python that is examined, as the text of `python -B -c`, so any Python from 3.6 on must take it.
# It says what this Python is, between two markers (its first argument, begun with < and with >), as one line of JSON.
# Nothing but builtins is imported before sys.path is copied, and as little as possible after: what lies on that path
# may be broken or hostile, json.py included.
import sys

path = list(sys.path)


def encode(value: object) -> str:
    # A stray surrogate of a file name goes out as its escape: the other side decodes it to the same surrogate.
    if isinstance(value, str):
        return '"' + "".join(map(escape, value)) + '"'
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(encode(str(key)) + ":" + encode(value[key]) for key in value) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(encode, value)) + "]"
    return "null"


def escape(char: str) -> str:
    if " " <= char <= "~" and char not in '"\\':
        return char
    code = ord(char)
    if code > 0xFFFF:
        code -= 0x10000
        return "\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))
    return "\\u%04x" % code


def suffixes() -> "list[str]":
    try:
        import _imp

        return _imp.extension_suffixes()
    except Exception:
        from importlib import machinery

        return machinery.EXTENSION_SUFFIXES


def text(name: str) -> object:
    value = getattr(sys, name, None)
    return value if isinstance(value, str) else None


def flags() -> "dict[str, int]":
    names = [name for name in dir(sys.flags) if not name.startswith(("_", "n_")) and name not in ("count", "index")]
    return {name: int(getattr(sys.flags, name)) for name in names}


def frozen() -> "list[str]":
    # From 3.11 on a good part of what a start imports is frozen, and then comes before sys.path.
    try:
        import _imp

        names = getattr(_imp, "_frozen_module_names", lambda: ["__hello__", "__phello__", "zipimport"])()
        return [name for name in names if _imp.is_frozen(name)]
    except Exception:
        return []


def folders() -> "list[str]":
    # What `site` adds, in its order (main() of Lib/site.py): the venv's, the user's, those of every prefix.
    import os

    try:
        site = sys.modules["site"]
        found = []
        if sys.prefix != sys.base_prefix:
            found += site.getsitepackages([sys.prefix])
        if site.ENABLE_USER_SITE:
            found.append(site.USER_SITE)
        found += site.getsitepackages()
        return [folder for folder in found if os.path.isdir(folder)]
    except Exception:
        return []


def user_folder() -> object:
    import os

    try:
        folder = sys.modules["site"].getusersitepackages()
        return folder if os.path.isdir(folder) else None
    except Exception:
        return None


def started() -> "dict[str, object]":
    # What the program behind every wrapper is, and the environment it was given (proc(5)): sitecustomize may have
    # changed os.environ since.
    import os

    exe = None
    environ = {}
    try:
        exe = os.readlink("/proc/self/exe")
        with open("/proc/self/environ", "rb") as file:
            for item in file.read().split(b"\0"):
                name, _, value = item.partition(b"=")
                if name.startswith((b"LD_", b"NIX_PYTHON", b"PYTHON")):
                    environ[os.fsdecode(name)] = os.fsdecode(value)
    except OSError:
        pass
    return {"exe": exe, "environ": environ}


def describe() -> "dict[str, object]":
    import os

    site = sys.modules.get("site")
    said = started()
    said.update(
        path=path,
        version=[int(part) for part in sys.version_info[:3]],
        implementation=sys.implementation.name,
        prefix=sys.prefix,
        base_prefix=getattr(sys, "base_prefix", getattr(sys, "real_prefix", sys.prefix)),
        exec_prefix=sys.exec_prefix,
        executable=text("executable"),
        base_executable=text("_base_executable"),
        flags=flags(),
        suffixes=list(suffixes()),
        builtins=list(sys.builtin_module_names),
        platform=sys.platform,
        machine=os.uname()[4] if hasattr(os, "uname") else "",
        enable_user_site=getattr(site, "ENABLE_USER_SITE", None),
        user_site=getattr(site, "USER_SITE", None),
        user_folder=user_folder(),
        site_folders=folders(),
        frozen=frozen(),
    )
    return said


def answer() -> None:
    import os

    # Straight to the descriptor: sys.stdout may have been replaced, and may have any encoding.
    data = ("\n<%s\n%s\n>%s\n" % (sys.argv[1], encode(describe()), sys.argv[1])).encode("ascii")
    while data:
        data = data[os.write(1, data) :]


answer()

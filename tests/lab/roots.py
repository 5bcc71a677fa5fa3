"""The places where a Python is tried: this Debian, and four roots that look like other machines (bwrap(1)).

A NixOS-like root has `/nix` and nothing of the host. What stands at the FHS interp makes the difference between them:
nothing, stub-ld, or nix-ld. An FHS environment is the root that nixpkgs' buildFHSEnv assembles: `/usr` and `/lib64` of
store libraries, and a loader cache that the environment's own C library reads.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lab.machine import REPOSITORY, cache, environment
from lab.store import Store

RootName = Literal["debian", "nixos", "nixos-stub-ld", "nixos-nix-ld", "nixos-nix-ld-few", "fhs-env"]
ROOTS: tuple[RootName, ...] = ("debian", "nixos", "nixos-stub-ld", "nixos-nix-ld", "nixos-nix-ld-few", "fhs-env")
FHS_INTERP = "/lib64/ld-linux-x86-64.so.2"
CURRENT = "/run/current-system/sw/share/nix-ld"
_OS_RELEASE = 'ID=nixos\nNAME=NixOS\nPRETTY_NAME="NixOS 25.11 (lab)"\nVERSION_ID="25.11"\n'
_LD_SO_CONF = "/lib\n/lib64\n/usr/lib\n/usr/lib64\n/run/opengl-driver/lib\n"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Root:
    """A place to run commands in."""

    name: RootName
    store: Store
    files: tuple[tuple[str, Path], ...] = ()
    """Paths of the root, and the files of this machine that stand there instead of what the root has."""

    def run(
        self,
        command: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        *,
        home: Path,
        seconds: float = 1800,
    ) -> Outcome:
        """Runs a command with exactly these variables over a small base; `home` is its working folder and HOME."""
        words = [str(word) for word in command]
        if self.name == "debian":
            child_env = {**_debian_env(), "HOME": str(home), **(env or {})}
            full = words
        else:
            child_env = environment()
            full = [*self._bwrap(home), *_setenv({"HOME": str(home), **(env or {})}), *self._entry(words)]
        try:
            child = subprocess.run(
                full,
                env=child_env,
                cwd=home,
                capture_output=True,
                timeout=seconds,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except OSError as error:  # the kernel cannot start it: a shell would say 127
            return Outcome(127, "", f"{words[0]}: {error.strerror}")
        return Outcome(child.returncode, child.stdout.decode(errors="replace"), child.stderr.decode(errors="replace"))

    def describe(self) -> str:
        """Everything that decides about outcomes in this root: part of the key under which they are kept."""
        if self.name == "debian":
            return f"{self.name}\n{_libraries()}"
        words = [self.name, *self._bwrap(Path("/home"))]
        return "\n".join("REPOSITORY" if word == str(REPOSITORY) else word for word in words)

    def _bwrap(self, home: Path) -> list[str]:
        etc = _etc()
        words = [
            "bwrap",
            "--die-with-parent",
            "--tmpfs",
            "/",
            "--ro-bind",
            "/nix",
            "/nix",
            "--proc",
            "/proc",
            "--dev",
            "/dev",
        ]
        words += ["--dir", "/tmp", "--symlink", f"{self.store['busybox']}/bin/sh", "/bin/sh"]
        words += ["--ro-bind", str(cache()), str(cache()), "--ro-bind", str(REPOSITORY), str(REPOSITORY)]
        words += ["--bind", str(home), str(home), "--chdir", str(home)]
        if self.name == "fhs-env":
            words += self._fhs(etc)
        else:
            words += ["--symlink", f"{self.store['busybox']}/bin/env", "/usr/bin/env", "--ro-bind", str(etc), "/etc"]
        if self.name == "nixos-stub-ld":
            words += ["--symlink", f"{self.store['stubLd']}/bin/ld.so", FHS_INTERP]
        elif self.name in ("nixos-nix-ld", "nixos-nix-ld-few"):
            listed = "nixLdLibraries" if self.name == "nixos-nix-ld" else "nixLdFewLibraries"
            words += ["--symlink", f"{self.store['nixLd']}/libexec/nix-ld", FHS_INTERP]
            words += ["--symlink", f"{self.store[listed]}/share/nix-ld", CURRENT]
        return [
            *words,
            *self._instead(),
            "--clearenv",
            "--setenv",
            "PATH",
            f"{self.store['busybox']}/bin",
            "--setenv",
            "QT_QPA_PLATFORM",
            "offscreen",
        ]

    def _instead(self) -> list[str]:
        """The files that differ in this root alone."""
        return [word for path, source in self.files for word in ("--ro-bind", str(source), path)]

    def _fhs(self, etc: Path) -> list[str]:
        usr, glibc = self.store["fhsUsr"], self.store["glibc"]
        words = ["--ro-bind", str(etc), "/.host-etc", "--dir", "/etc"]
        for name in ("os-release", "passwd", "NIXOS"):
            words += ["--symlink", f"/.host-etc/{name}", f"/etc/{name}"]
        words += ["--ro-bind", str(etc / "ld.so.conf"), "/etc/ld.so.conf"]
        words += ["--symlink", f"{usr}/lib", "/usr/lib", "--symlink", f"{usr}/lib", "/usr/lib64"]
        words += ["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib", "/lib64"]
        words += ["--symlink", f"{self.store['busybox']}/bin/env", "/usr/bin/env"]
        words += ["--tmpfs", f"{glibc}/etc", "--symlink", "/etc/ld.so.conf", f"{glibc}/etc/ld.so.conf"]
        return [*words, "--symlink", "/etc/ld.so.cache", f"{glibc}/etc/ld.so.cache"]

    def _entry(self, words: list[str]) -> list[str]:
        """The command itself; in an FHS environment its init first makes the loader's cache."""
        if self.name != "fhs-env":
            return words
        ldconfig = f"{self.store['glibc']}/sbin/ldconfig"
        script = f'{ldconfig} -f /etc/ld.so.conf -C /etc/ld.so.cache 2>/dev/null || exit 1; exec "$@"'
        return ["/bin/sh", "-c", script, "init", *words]


def _setenv(env: Mapping[str, str]) -> list[str]:
    return [word for name, value in env.items() for word in ("--setenv", name, value)]


def _debian_env() -> dict[str, str]:
    """What stays of the caller's environment on Debian: nothing that decides about loading."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM") if name in os.environ}
    return {**kept, "QT_QPA_PLATFORM": "offscreen"}


def _etc() -> Path:
    """A folder that becomes /etc; the same content at the same place in every run."""
    folder = cache() / "etc"
    folder.mkdir(exist_ok=True)
    files = {
        "os-release": _OS_RELEASE,
        "passwd": "root:x:0:0::/root:/bin/sh\n",
        "NIXOS": "",
        "ld-nix.so.preload": "",  # empty: a place where a root may put one of its own
        "ld.so.conf": _LD_SO_CONF,
    }
    for file, text in files.items():
        if not (folder / file).is_file() or (folder / file).read_text() != text:
            (folder / file).write_text(text)
    return folder


def _libraries() -> str:
    """What this Debian's loader would find: its cache as text."""
    child = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, env=environment(), check=False)
    return child.stdout

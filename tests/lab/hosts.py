"""Makes what the story of an embedded Python is about: a program with PyO3, and a Nix environment with NumPy.

The program is built by cargo, each combination once; the lab's cache keeps it. NumPy is the wheel that masks what went
wrong below it (1.25 to 2.3), with the runpath that a package of nixpkgs has.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from lab.machine import HERE, LabError, cache, environment
from lab.scenario import Patient
from lab.store import Store, add
from lab.wheels import uv


class Place(Protocol):
    """Where packages are made: every patient is one."""

    @property
    def work(self) -> Path:
        """A folder of its own."""

    @property
    def store(self) -> Store:
        """The lab's store."""


CRATE = HERE / "host"
NOW = HERE / "host_now"
"""The same with the PyO3 of today."""
NUMPY = "numpy==2.2.6"
_COPY = """
cp -r $python $out
chmod -R u+w $out
patchelf --set-interpreter $(echo $glibc/lib/ld-linux-*.so.[12]) $out/bin/python$version
was=$(patchelf --print-rpath $python/bin/python$version)
for f in $out/bin/python$version $out/lib/libpython$version.so.* $out/lib/python$version/lib-dynload/*.so; do
  patchelf --set-rpath $out/lib:$glibc/lib:$was $f
done
sed -i "s,$python,$out,g" $out/lib/python$version/_sysconfigdata_*.py
"""


def rebuilding(patient: Patient, python: Path, glibc: Path) -> dict[str, str]:
    """What a shell needs in which the program is built again, as words: Nix' compilers stand first on its PATH.

    Such a compiler adds the loader and the run path of its own C library to whatever it links.
    """
    app, tools = patient.work / "app", patient.work / "compilers"
    shutil.copytree(CRATE, app)
    tools.mkdir()
    (tools / "cc").write_text(f'#!/bin/sh\nexec /usr/bin/cc {" ".join(links(patient.store, python, glibc))} "$@"\n')
    (tools / "cc").chmod(0o755)
    homes = {
        name: os.environ.get(f"{name.upper()}_HOME", str(Path.home() / f".{name}")) for name in ("cargo", "rustup")
    }
    own = Path(shutil.which("cargo") or "cargo").parent
    target = cache() / "cargo"
    (app / "target").symlink_to(target)  # where Cargo puts what it makes, unless somebody tells it another place
    return {
        "app": str(app),
        "rebuilding": f"cd {app}; export PATH={tools}:{own}:$PATH CARGO_TARGET_DIR={target} "
        f"CARGO_HOME={homes['cargo']} RUSTUP_HOME={homes['rustup']}; ",
        "rebuilt": str(target / "release" / "host"),
    }


def pyo3(python: Path, links: Sequence[str] = (), crate: Path = CRATE) -> Path:
    """The program, built with this Python and linked with these options."""
    key = hashlib.sha256("\0".join([str(python), *links]).encode())
    for file in (crate / "Cargo.lock", crate / "src" / "main.rs"):
        key.update(file.read_bytes())
    made = cache() / "hosts" / key.hexdigest()[:12] / "host"
    if not made.exists():
        target = cache() / ("cargo" if crate == CRATE else f"cargo-{crate.name}")
        env = environment(PYO3_PYTHON=str(python), CARGO_TARGET_DIR=str(target))
        command = ["cargo", "rustc", "--quiet", "--release", "--locked", "--"]
        command += [word for link in links for word in ("-C", f"link-arg={link}")]
        child = subprocess.run(command, cwd=crate, env=env, capture_output=True, text=True, check=False)
        if child.returncode != 0:
            raise LabError(f"cargo could not build the program that embeds {python}:\n{child.stderr[-2000:]}")
        made.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(target / "release" / "host", made)
    return made


def links(store: Store, python: Path, glibc: Path | None) -> list[str]:
    """Options by which the program finds libpython, and starts with the loader of a store's C library if one is given.

    This is what the linker of Nix' own compilers adds.
    """
    if glibc is None:
        return [f"-Wl,-rpath,{python}/lib"]
    (loader,) = (glibc / "lib").glob("ld-linux-*.so.[12]")
    places = f"{python}/lib:{glibc}/lib:{store['libgcc']}/lib"
    return [f"-Wl,--dynamic-linker={loader}", f"-Wl,-rpath,{places}"]


def with_newer_libc(patient: Place, python: Path, minor: str) -> Path:
    """A copy of a store's Python whose C library is the newer one."""
    return _built(f"python3-{minor}", _COPY, {"version": minor}, {"python": python, "glibc": patient.store["glibcNew"]})


def numpy(patient: Place, python: Path, minor: str, *, newer_libc: bool = False) -> Path:
    """The store path of NumPy for a Python of the store."""
    folder = patient.work / f"python{minor}-numpy-2.2.6"
    site = folder / "lib" / f"python{minor}" / "site-packages"
    fresh_wheel = patient.work / "wheel"
    wheel(patient, python / "bin" / f"python{minor}", fresh_wheel)
    shutil.copytree(fresh_wheel, site)  # uv's own files are links into its cache, and those are to stay as they are
    shutil.rmtree(fresh_wheel)
    libraries = _for_newer_libc(patient) if newer_libc else patient.store["gccLib"]
    places = [f"{libraries}/lib", f"{patient.store['zlib']}/lib"]
    for extension in site.rglob("*.so*"):
        command = ["patchelf", "--add-rpath", ":".join(places), str(extension)]
        subprocess.run(command, check=True, env=environment())
    if newer_libc:
        (extension,) = site.glob("numpy/_core/_multiarray_umath.*.so")
        fresh = patient.store["labfresh"] / "lib"
        for change in (["--add-rpath", str(fresh)], ["--add-needed", "liblabfresh.so.1"]):
            subprocess.run(["patchelf", *change, str(extension)], check=True, env=environment())
    return _added(folder)


def _for_newer_libc(patient: Place) -> Path:
    """The C++ library as the newer C library's toolchain would have it: bound to the version node that this one has.

    The newer one is the older with its newest node renamed (store.nix), so whoever wants that node is renamed as well.
    """
    folder = patient.work / "gcc-lib"
    shutil.copytree(patient.store["gccLib"], folder)
    old = f"GLIBC_{patient.store['glibc'].name.rpartition('-')[2]}".encode()
    new = f"GLIBC_{patient.store['glibcNew'].name.rpartition('-')[2]}".encode()
    folder.chmod(0o755)
    (folder / "lib").chmod(0o755)
    for library in (folder / "lib").iterdir():
        data = library.read_bytes()
        library.chmod(0o755)
        if b"\0" + old + b"\0" in data and not library.is_symlink():
            data = data.replace(b"\0" + old + b"\0", b"\0" + new + b"\0")
            library.write_bytes(data.replace(_elf_hash(old), _elf_hash(new)))
        subprocess.run(
            ["patchelf", "--set-rpath", f"{patient.store['glibcNew']}/lib", library], check=True, env=environment()
        )
    return _added(folder)


def _elf_hash(name: bytes) -> bytes:
    """The hash of a version's name as `vna_hash` holds it (System V ABI)."""
    value = 0
    for byte in name:
        value = (value << 4) + byte
        value = (value ^ ((value & 0xF0000000) >> 24)) & 0x0FFFFFFF
    return value.to_bytes(4, "little")


def _added(path: Path) -> Path:
    """A file or folder, moved into the store."""
    added = add(path)
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    return added


def wheel(patient: Place, python: Path, site: Path) -> None:
    """NumPy as the registry has it, in a folder."""
    options = ("--target", site, "--python", python, "--only-binary", ":all:", "--no-deps")
    uv(patient.store, "pip", "install", "-q", *options, NUMPY).check_returncode()


def environment_with(patient: Place, python: Path, minor: str, package: Path, glibc: Path | None = None) -> Path:
    """What `withPackages` makes of a Python and one package."""
    script = (HERE / "store" / "with-packages.sh").read_text()
    parts = {"python": python, "packages": package, "glibc": glibc or patient.store["glibc"]}
    wrapper = patient.work / "wrapper.c"
    shutil.copy(HERE / "store" / "wrapper.c", wrapper)
    parts["wrapper"] = _added(wrapper)
    return _built(f"python3-{minor}-env", script, {"version": minor, "generation": "argv0"}, parts)


def _built(name: str, script: str, words: dict[str, str], parts: dict[str, Path]) -> Path:
    """The output of a derivation made of store paths."""
    told = " ".join(f'{key} = "{value}";' for key, value in words.items())
    told += " ".join(f"{key} = builtins.storePath {path};" for key, path in parts.items())
    expression = (
        f'derivation {{ name = "{name}"; system = builtins.currentSystem; builder = "/bin/bash"; {told} '
        'args = [ "-euo" "pipefail" "-c" script ]; PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"; '
        "inherit script; }"
    )
    command = ["nix-build", "--no-out-link", "-E", f"{{ script }}: {expression}", "--argstr", "script", script]
    child = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    if child.returncode != 0:
        raise LabError(f"{name} could not be built:\n{child.stderr[-2000:]}")
    return Path(child.stdout.strip())


def pyphi(site: Path) -> None:
    """A distribution of Python code alone that needs NumPy, from a revision of a repository."""
    (site / "pyphi").mkdir(parents=True)
    (site / "pyphi" / "__init__.py").write_text("import numpy\n")
    info = site / "pyphi-1.2.1.dev1470.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pyphi\nVersion: 1.2.1.dev1470\nRequires-Dist: numpy\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "RECORD").write_text(
        "pyphi/__init__.py,,\n"
        + "".join(f"{info.name}/{name},,\n" for name in ("METADATA", "INSTALLER", "RECORD", "direct_url.json"))
    )
    (info / "direct_url.json").write_text(
        '{"url": "https://github.com/wmayner/pyphi", "vcs_info": '
        '{"commit_id": "b78d0e342d37175cbd55cf35a6d52ae035b4c50f", "vcs": "git"}}'
    )

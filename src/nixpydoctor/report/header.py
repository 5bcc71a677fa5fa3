"""What was examined, in a few labelled words: the Python, its loader, the platform, how much there was."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.facts import Facts, Host, Platform, Python, Running, World
from nixpydoctor.report.words import count

_MEASURED = (3, 13)
"""The newest minor whose rules for embedded Pythons real programs have judged."""


def rows(facts: Facts) -> Iterator[tuple[str, str]]:
    """(label, what stands beside it), neither shortened nor escaped."""
    yield "python", _python(facts.main, facts.main.process.executable)
    if facts.main.running is not None:
        yield "process", _running(facts.main.running)
    yield "loader", _loader(facts)
    yield "platform", _platform(facts.platform)
    yield "examined", _amount(facts)


def _python(world: World, executable: str) -> str:
    python = world.python
    if world.host is not None:
        return _embedded(world.host, python)
    if python is None:
        return executable
    version = " ".join(part for part in (python.version, python.implementation) if part and part != "cpython")
    behind = f" → {executable}" if executable != python.command else ""
    told = "" if python.silence is None else f" ({python.silence})"
    return f"{version or 'of unknown version'}, {python.command}{behind}{told}"


def _running(running: Running) -> str:
    gone = f", {', '.join(running.gone)} not there any more" if running.gone else ""
    how = ", read from /proc: psutil is not installed here" if running.without_psutil else ""
    return f"{running.pid}, {count(len(running.mapped), 'file')} mapped{gone}{how}"


def _embedded(host: Host, python: Python | None) -> str:
    if python is None:
        return f"embedded through {host.needed}, which was not found"
    how = f"through {host.library}" if host.needed is not None else "inside of the program"
    by = f" by {host.binding}" if host.binding else ""
    measured = python.minor is None or python.minor <= _MEASURED
    told = ["its paths are predicted" + ("" if measured else ", by rules read in its source and not measured")]
    told += ["it starts isolated"] if host.isolated else []
    told += [f"what it tells {', '.join(host.sets)} is not known"] if host.sets else []
    told += [f"{count(len(host.runs), 'line')} of .pth files run code and are not followed"] if host.runs else []
    return f"{python.version}, embedded{by} {how} ({'; '.join(told)})"


def _loader(facts: Facts) -> str:
    process = facts.main.process
    loader = process.loader
    if loader is None:
        return f"none: {process.interp} does not exist" if process.interp else "none"
    name = f"{loader.family} {loader.version}" if loader.version else loader.family
    behind = f" → {loader.real}" if loader.real != loader.path else ""
    return f"{loader.shim + ', ' if loader.shim else ''}{name}, {loader.path}{behind}"


def _platform(platform: Platform) -> str:
    kind = [platform.name or platform.system, platform.machine]
    kind += [f"{platform.nix_shell} nix-shell"] if platform.nix_shell else []
    kind += ["FHS environment"] if platform.fhs_env else []
    kind += ["container"] if platform.container else []
    kind += ["with a Nix store"] if platform.nix and platform.system != "nixos" else []
    return ", ".join(kind)


def _amount(facts: Facts) -> str:
    dists = [dist for dist in facts.main.dists if dist.name != "python"]
    extensions = sum(len(dist.extensions) for dist in facts.main.dists)
    others = sum(len(dist.libraries) + len(dist.programs) for dist in facts.main.dists)
    numbers = count(extensions, "extension"), count(others, "other object"), count(len(dists), "distribution")
    return ", ".join(numbers)

"""What dyld refuses of an image that was found: by kind, platform, signature, and the load commands of its SDK's time.

From dyld's mach_o/Header.cpp (`Header::valid`) and common/MachOFile.cpp. The load-command rules bind since macOS 15.4
and depend on the SDK that the *image* was linked with.
"""

from __future__ import annotations

from nixpydoctor.darwin import ARM64, BUNDLE, DYLIB, EXECUTE, MachO, System

MACOS = 1
PLATFORMS = {1: "macOS", 2: "iOS", 3: "tvOS", 4: "watchOS", 6: "macCatalyst", 7: "iOS-simulator", 10: "driverKit"}
CHECKS_BEGIN = (15, 4)
NEWEST = 0xFFFF << 16
"""An SDK of 0.0 counts as the newest: dyld's conversion to a year wraps around."""


def refusal(image: MachO, system: System, role: int) -> str:
    """dyld's reason against the image in this role (EXECUTE, DYLIB linked, BUNDLE opened); empty where it is taken."""
    if role == DYLIB and image.kind == BUNDLE:
        return "cannot link against bundle"
    if (role == EXECUTE) != (image.kind == EXECUTE) or image.kind not in (EXECUTE, DYLIB, BUNDLE):
        return "mach-o file, but not a dylib or bundle" if role != EXECUTE else "mach-o file, but not an executable"
    if image.platform not in (MACOS, None):
        have = PLATFORMS.get(image.platform, f"platform {image.platform}")
        return f"mach-o file ({image.path}), but incompatible platform (have '{have}', need 'macOS')"
    return commands(image, system) or signing(image)


def signing(image: MachO) -> str:
    """Apple silicon runs no unsigned page, and no system runs one that differs from what was signed."""
    if image.signature is None:
        return "not signed" if image.arch.machine == ARM64.machine else ""
    return "code signature invalid" if image.signature.state == "stale" else ""


def commands(image: MachO, system: System) -> str:
    """The rule of `Header::valid` that the image breaks on this macOS."""
    if system.version < CHECKS_BEGIN:
        return ""
    sdk = image.sdk or NEWEST
    strict = _sdk(26, 0) if system.version >= (26, 0) else None
    if sdk >= (strict or _sdk(15, 4)) and (twice := _twice(image.rpaths)):
        return f"duplicate LC_RPATH '{twice}'"
    if sdk >= (strict or _sdk(15, 0)) and (twice := _twice([need.name for need in image.needed])):
        return f"duplicate linked dylib '{twice}'"
    if sdk >= _sdk(15, 4) and not image.needed:
        return "missing LC_LOAD_DYLIB (must link with at least libSystem.dylib)"
    if image.uuid is None and sdk >= _sdk(12, 0) and (image.kind != EXECUTE or (strict and sdk >= strict)):
        return "missing LC_UUID load command"
    if image.kind == DYLIB and image.id is None:
        return "MH_DYLIB is missing LC_ID_DYLIB"
    if image.kind != DYLIB and image.id is not None:
        return "found LC_ID_DYLIB found in non-MH_DYLIB"
    return ""


def _sdk(major: int, minor: int) -> int:
    return major << 16 | minor << 8


def _twice(names: tuple[str, ...] | list[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""

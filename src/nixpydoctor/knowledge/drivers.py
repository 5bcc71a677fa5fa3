"""Where a machine keeps the libraries of its GPU driver."""

from __future__ import annotations

OPENGL_DRIVER = "/run/opengl-driver/lib"
"""NixOS, and other distributions whose driver was made known to Nix: nothing but the driver's files."""

WSL = "/usr/lib/wsl/lib"
"""Windows' Linux: nothing but the driver's files."""

OF_DISTRIBUTIONS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/aarch64-linux-gnu", "/usr/lib")
"""Other distributions: among everything else, so none of these may stand on the search path of a Python from Nix."""

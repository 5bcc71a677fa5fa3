"""nixpydoctor finds out why a Python breaks on Nix, and which remedy works on this machine."""

__version__ = "0.1.0"

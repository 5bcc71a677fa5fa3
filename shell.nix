# For those without flakes: `nix-shell`, then `make test`. No Python packages here: make installs its own, and
# PYTHONPATH stays empty.
{
  pkgs ? import <nixpkgs> { },
}:
pkgs.mkShellNoCC {
  packages = [
    pkgs.gcc
    pkgs.gnumake
    pkgs.patchelf
    pkgs.python3
  ];
  dontAddPythonPath = true;
}

# Stands in for build-system-pkgs: the overlays of that name, which add nothing here, since nothing is built from source.
{
  description = "build-system-pkgs, as far as the lab needs it";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.pyproject-nix.url = "github:pyproject-nix/pyproject.nix";
  inputs.uv2nix.url = "github:pyproject-nix/uv2nix";
  outputs =
    { ... }:
    {
      overlays = {
        default = final: prev: { };
        wheel = final: prev: { };
        sdist = final: prev: { };
      };
    };
}

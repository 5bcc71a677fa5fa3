{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    pyproject-nix.url = "github:pyproject-nix/pyproject.nix";
    pyproject-nix.inputs.nixpkgs.follows = "nixpkgs";
    uv2nix.url = "github:pyproject-nix/uv2nix";
    uv2nix.inputs.nixpkgs.follows = "nixpkgs";
    uv2nix.inputs.pyproject-nix.follows = "pyproject-nix";
    build-systems.url = "github:pyproject-nix/build-system-pkgs";
    build-systems.inputs.nixpkgs.follows = "nixpkgs";
    build-systems.inputs.pyproject-nix.follows = "pyproject-nix";
    build-systems.inputs.uv2nix.follows = "uv2nix";
  };
  outputs =
    { nixpkgs, pyproject-nix, uv2nix, build-systems, ... }:
    let
      pkgs = nixpkgs.legacyPackages.@system@;
      workspace = uv2nix.lib.workspace.loadWorkspace { workspaceRoot = ./.; };
      locked = workspace.mkPyprojectOverlay { sourcePreference = "wheel"; };
      # What wheels want from the system and do not bring along.
      libraries = final: prev: {
@overrides@      };
      base = pkgs.callPackage pyproject-nix.build.packages { python = pkgs.@python@; };
      set = base.overrideScope (
        pkgs.lib.composeManyExtensions [ build-systems.overlays.wheel locked libraries ]
      );
    in
    {
      packages.@system@.default = set.mkVirtualEnv "python-env" workspace.deps.default;
    };
}

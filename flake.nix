{
  description = "Tells what is broken in a Python on Nix, why, and which remedy works on this machine";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      forAllSystems =
        make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system} self.packages.${system}.default);
      package = pkgs: pkgs.callPackage ./nix/package.nix { };
      # `lib.check` for a given package set: see nix/check.nix for what it takes.
      check = pkgs: pkgs.callPackage ./nix/check.nix { nixpydoctor = package pkgs; };
    in
    {
      packages = forAllSystems (pkgs: _: { default = package pkgs; });

      apps = forAllSystems (
        _: nixpydoctor: {
          default = {
            type = "app";
            program = nixpkgs.lib.getExe nixpydoctor;
          };
        }
      );

      devShells = forAllSystems (pkgs: _: { default = import ./shell.nix { inherit pkgs; }; });

      checks = forAllSystems (
        pkgs: nixpydoctor: {
          package = nixpydoctor;
          healthy = check pkgs {
            python = pkgs.python3;
            name = "healthy";
          };
        }
      );

      formatter = forAllSystems (pkgs: _: pkgs.nixfmt-tree);

      overlays.default = final: _: { nixpydoctor = package final; };

      lib.check = { pkgs, ... }@given: check pkgs (removeAttrs given [ "pkgs" ]);

      nixosModules.default =
        { pkgs, ... }:
        {
          environment.systemPackages = [ (package pkgs) ];
        };
    };
}

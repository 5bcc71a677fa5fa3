{
  description = "Tells what is broken in a Python on Nix, why, and which remedy works on this machine";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forAllSystems = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      project = (builtins.fromTOML (builtins.readFile ./pyproject.toml)).project;
      package =
        { lib, python3Packages }:
        python3Packages.buildPythonApplication {
          pname = project.name;
          inherit (project) version;
          pyproject = true;
          src = lib.cleanSource self;
          build-system = [ python3Packages.hatchling ];
          dependencies = with python3Packages; [
            packaging
            psutil
            pyelftools
            rich
            typer
          ];
          # The upper bound is about start-up time, not about what works.
          pythonRelaxDeps = [ "typer" ];
          pythonImportsCheck = [ "nixpydoctor" ];
          meta = {
            inherit (project) description;
            license = lib.licenses.mit;
            mainProgram = project.name;
            platforms = lib.platforms.linux;
          };
        };
    in
    {
      packages = forAllSystems (pkgs: {
        default = pkgs.callPackage package { };
      });

      apps = forAllSystems (pkgs: {
        default = {
          type = "app";
          program = nixpkgs.lib.getExe self.packages.${pkgs.stdenv.hostPlatform.system}.default;
        };
      });

      devShells = forAllSystems (pkgs: {
        # No Python packages here: `make` installs its own, and PYTHONPATH stays empty.
        default = pkgs.mkShellNoCC {
          packages = [
            pkgs.gcc
            pkgs.gnumake
            pkgs.patchelf
            pkgs.python3
          ];
          dontAddPythonPath = true;
        };
      });

      overlays.default = final: _: { nixpydoctor = final.callPackage package { }; };
    };
}

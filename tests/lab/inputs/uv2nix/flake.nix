# Stands in for uv2nix: reads a real uv.lock, and makes an overlay for the set of pyproject.nix out of it.
#
# As there: `loadWorkspace`, `mkPyprojectOverlay`, `deps.default`, packages with `overrideAttrs` whose wheels go through
# autoPatchelfHook, with the libraries of manylinux where nixpkgs has them. Not as there: markers are not evaluated and
# sources are not built. The lab's nixpkgs has those libraries only where it is asked for them: elsewhere what is missing
# has to come from the override that was printed.
{
  description = "uv2nix, as far as the lab needs it";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.pyproject-nix.url = "github:pyproject-nix/pyproject.nix";
  outputs =
    { nixpkgs, ... }:
    let
      inherit (nixpkgs) lib;
      loadWorkspace =
        { workspaceRoot }:
        let
          lock = lib.importTOML (workspaceRoot + "/uv.lock");
          isLocal = package: package.source ? virtual || package.source ? editable;
          spec = package: builtins.listToAttrs (map (one: { inherit (one) name; value = one.extra or [ ]; }) (package.dependencies or [ ]));
        in
        {
          deps.default = builtins.listToAttrs (
            map (package: { inherit (package) name; value = [ ]; }) (builtins.filter isLocal lock.package)
          );
          mkPyprojectOverlay =
            { sourcePreference }:
            assert sourcePreference == "wheel";
            final: prev:
            let
              inherit (prev) pkgs python;
              wheel = package: import (pkgs.path + "/python/locked.nix") { inherit pkgs python; } {
                pname = package.name;
                inherit (package) version;
                files = map (one: { file = baseNameOf one.url; inherit (one) hash; }) package.wheels;
              };
              made = package:
                if isLocal package then
                  pkgs.runCommand package.name { } "mkdir $out" // { passthru.dependencies = spec package; }
                else
                  python.pkgs.buildPythonPackage (
                    wheel package
                    // {
                      buildInputs = pkgs.pythonManylinuxPackages.manylinux2014 or [ ];
                      passthru.passthru.dependencies = spec package;
                    }
                  );
            in
            builtins.listToAttrs (map (package: { inherit (package) name; value = made package; }) lock.package);
        };
    in
    {
      lib.workspace = { inherit loadWorkspace; };
    };
}

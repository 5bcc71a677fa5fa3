# Stands in for poetry2nix: `mkPoetry2Nix`, `mkPoetryEnv`, `mkPoetryApplication` and `overrides.withDefaults` over a real
# poetry.lock.
#
# As there: overrides are overlays over packages that `overridePythonAttrs` changes. Not as there: wheels only, all of the
# lock's packages, no default overrides.
{
  description = "poetry2nix, as far as the lab needs it";
  outputs =
    { ... }:
    {
      lib.mkPoetry2Nix =
        { pkgs }:
        let
          inherit (pkgs) lib;
          mkPoetryEnv =
            {
              projectDir,
              python ? pkgs.python3,
              overrides ? [ ],
              preferWheels ? false,
              groups ? [ "main" ],
            }:
            assert preferWheels;
            let
              lock = lib.importTOML (projectDir + "/poetry.lock");
              wheel = package: import (pkgs.path + "/python/locked.nix") { inherit pkgs python; } {
                pname = package.name;
                inherit (package) version files;
              };
              made = package:
                python.pkgs.buildPythonPackage (
                  wheel package
                  // { dependencies = map (name: final.${name}) (builtins.attrNames (package.dependencies or { })); }
                );
              base = builtins.listToAttrs (map (package: { inherit (package) name; value = made package; }) lock.package);
              final = base // lib.composeManyExtensions overrides final base;
            in
            python.withPackages (_: map (package: final.${package.name}) lock.package);
        in
        {
          inherit mkPoetryEnv;
          mkPoetryApplication = given: { dependencyEnv = mkPoetryEnv given; };
          overrides.withDefaults = overlay: [ overlay ];
        };
    };
}

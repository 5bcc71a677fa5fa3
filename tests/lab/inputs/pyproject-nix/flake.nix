# Stands in for pyproject.nix: the set that its `build.packages` begins with, and the environments that it makes.
#
# As there: a scope that `overrideScope` extends, packages whose `passthru.dependencies` is an attribute set of extras, and
# `mkVirtualEnv`, which makes a real venv out of links. Not as there: no hooks, and nothing is built from source.
{
  description = "pyproject.nix, as far as the lab needs it";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs =
    { ... }:
    {
      build.packages =
        { lib, pkgs, python }:
        let
          make =
            overlay:
            let
              base = {
                inherit pkgs python;
                mkVirtualEnv =
                  name: wanted:
                  let
                    packages = builtins.genericClosure {
                      startSet = map (key: { inherit key; }) (builtins.attrNames wanted);
                      operator = one: map (key: { inherit key; }) (builtins.attrNames final.${one.key}.passthru.dependencies);
                    };
                  in
                  pkgs.runCommand name { packages = map (one: final.${one.key}) packages; } ''
                    ${python.interpreter} -m venv --without-pip --symlinks $out
                    for package in $packages; do
                      if [ -d $package/bin ]; then cp -rsf --no-preserve=mode $package/bin/. $out/bin/; fi
                      if [ -d $package/lib ]; then cp -rsf --no-preserve=mode $package/lib/. $out/lib/; fi
                    done
                  '';
              };
              extended = base // overlay final base;
              final = extended // { overrideScope = next: make (lib.composeManyExtensions [ overlay next ]); };
            in
            final;
        in
        make (final: prev: { });
    };
}

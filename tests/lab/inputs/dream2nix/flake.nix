# Stands in for dream2nix: `evalModules` with the modules `core` and `pip`, over a lock as `nix run .#default.lock` writes it.
#
# As there: modules are merged, `deps` asks the package sets, each distribution of the lock is a package that
# `pip.overrides.NAME` changes, `pyEnv` is a Python with all of them. What is not declared is an error. Not as there: the
# few options that follow are all there are, only wheels are read, and none gets the libraries of manylinux1.
{
  description = "dream2nix, as far as the lab needs it";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs =
    { nixpkgs, ... }:
    let
      inherit (nixpkgs) lib;
      declared = {
        name = text;
        version = text;
        deps = parts: set: builtins.foldl' (all: one: all // (if lib.isFunction one then one set else one)) { } parts;
        mkDerivation = parts: set: lists parts;
        paths = parts: set: builtins.foldl' (all: one: all // one) { } parts;
        pip = parts: set: pip parts;
      };
      text = parts: set: builtins.elemAt parts (builtins.length parts - 1);
      lists = parts: builtins.zipAttrsWith (name: builtins.concatLists) parts;
      pip = parts: builtins.zipAttrsWith (
        name: values:
        {
          overrides = builtins.zipAttrsWith (name: modules: modules) values;
          requirementsList = builtins.concatLists values;
          flattenDependencies = builtins.elemAt values (builtins.length values - 1);
        }
        .${name} or (throw "The option `pip.${name}' does not exist.")
      ) parts;

      evalModules =
        { packageSets, modules }:
        let
          arguments = { inherit config lib dream2nix packageSets; };
          called = module:
            let
              value = if builtins.isPath module then import module else module;
            in
            if lib.isFunction value then value arguments else value;
          flattened = module: builtins.concatMap flattened ((called module).imports or [ ]) ++ [ (called module) ];
          parts = map (one: builtins.removeAttrs one [ "imports" ]) (builtins.concatMap flattened modules);
          config = merged parts;
          merged = all: builtins.zipAttrsWith (
            name: values: (declared.${name} or (throw "The option `${name}' does not exist.")) values packageSets
          ) all;

          inherit (config.deps) python;
          pkgs = packageSets.nixpkgs;
          metadata = (lib.importJSON (config.paths.package + "/lock.${pkgs.system}.json")).fetchPipMetadata;
          made = name: info:
            let
              base = import (pkgs.path + "/python/locked.nix") { inherit pkgs python; } {
                pname = name;
                inherit (info) version;
                files = [ { file = baseNameOf info.url; hash = "sha256:${info.sha256}"; } ];
              };
              more = (merged (map called (config.pip.overrides.${name} or [ ]))).mkDerivation or { };
            in
            python.pkgs.buildPythonPackage (
              base
              // lists [ { inherit (base) nativeBuildInputs buildInputs; } more ]
              // { dependencies = map (one: packages.${one}) metadata.targets.default.${name}; }
            );
          packages = builtins.mapAttrs made metadata.sources;
        in
        assert config.pip.flattenDependencies;
        pkgs.runCommand config.name { } "mkdir $out"
        // { pyEnv = python.withPackages (_: builtins.attrValues packages); };

      dream2nix = {
        modules.dream2nix = {
          core = { };
          pip = { };
        };
        lib = { inherit evalModules; };
      };
    in
    dream2nix;
}

# A nixpkgs of the lab: the attributes that the tool's snippets use, backed by derivations that build in seconds.
#
# What it has behaves as in nixpkgs (setup hooks, wrappers, module merging, fixed-output sources); what it lacks is
# absent, so that a text which needs more fails here as well. `attributes.json` beside it (written by `lab/nixpkgs.py`)
# says which soname each library attribute must hold and where the store's Pythons are.
{
  system ? builtins.currentSystem,
  config ? { },
  overlays ? [ ],
  ...
}:
let
  data = builtins.fromJSON (builtins.readFile ./attributes.json);
  lib = import ./lib.nix;

  packages =
    pkgs:
    let
      trivial = import ./trivial.nix { inherit system lib pkgs data; };
      pythons = import ./python { inherit lib pkgs data; };
    in
    import ./libraries.nix { inherit lib pkgs data; }
    // trivial
    // pythons
    // {
      inherit lib system pkgs config;
      inherit (import ./fhs { inherit lib pkgs; }) buildFHSEnv;
      path = ./.;
      callPackage = lib.callPackageWith pkgs;
      nix-ld = trivial.external data.nixLd;
    }
    // lib.optionalAttrs data.manylinux {
      pythonManylinuxPackages.manylinux2014 = [ pkgs.stdenv.cc.cc.lib pkgs.zlib pkgs.expat ];
    };

  # Each overlay sees the final result and the one before it.
  final = builtins.foldl' (previous: overlay: previous // overlay final previous) (packages final) overlays;
in
final

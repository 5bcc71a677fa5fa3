devShells.@system@.fhs =
  let
    pkgs = @nixpkgs@.legacyPackages.@system@;
  in
  (pkgs.@builder@ {
    name = "fhs";
    targetPkgs = pkgs: [
@packages@
    ];
    runScript = "bash";
  }).env;

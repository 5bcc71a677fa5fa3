deps = { nixpkgs, ... }: { inherit (nixpkgs) autoPatchelfHook; pkgs = nixpkgs; };
pip.overrides = let inherit (config.deps) pkgs; in {
@overrides@};

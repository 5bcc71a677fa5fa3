{ config, ... }:
{
  deps = { nixpkgs, ... }: { pkgs = nixpkgs; };
  pip.overrides =
    let
      inherit (config.deps) pkgs;
    in
    {
@overrides@    };
}

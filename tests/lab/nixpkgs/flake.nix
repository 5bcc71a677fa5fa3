{
  description = "The lab's nixpkgs, for snippets that are flakes";
  outputs =
    { self }:
    let
      systems = [ "x86_64-linux" ];
      inherit (import ./. { system = "x86_64-linux"; }) lib;
    in
    {
      legacyPackages = lib.genAttrs systems (system: import ./. { inherit system; });
      lib = lib // {
        systems.flakeExposed = systems;
        nixosSystem =
          { modules, system ? "x86_64-linux", ... }:
          import ./nixos { inherit system; configuration = { imports = modules; }; };
      };
    };
}

{
  description = "The lab's nixpkgs, for snippets that are flakes";
  outputs =
    { self }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];  # only the first has contents to build with
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

{
  description = "The lab's nixpkgs, for snippets that are flakes";
  outputs =
    { self }:
    let
      systems = [ "x86_64-linux" ];
      each = f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) systems);
    in
    {
      legacyPackages = each (system: import ./. { inherit system; });
      lib = (import ./. { system = "x86_64-linux"; }).lib // {
        genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
      };
    };
}

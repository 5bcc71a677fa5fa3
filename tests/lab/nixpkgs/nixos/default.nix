# `<nixpkgs/nixos>`: merges modules as NixOS does, over the options that the tool's snippets set.
#
# An option that is not declared, a value of the wrong type, two different values for one option: each is an error, as in
# NixOS. What can be built is `config.system.path`: the folder behind /run/current-system/sw.
{
  configuration,
  system ? builtins.currentSystem,
  pkgs ? import ../. { inherit system; },
}:
let
  inherit (pkgs) lib;
  types = {
    bool = { says = builtins.isBool; merge = same; };
    str = { says = builtins.isString; merge = same; };
    package = { says = value: value ? outPath; merge = same; };
    packages = { says = value: builtins.isList value && builtins.all (one: one ? outPath) value; merge = builtins.concatLists; };
    strings = { says = builtins.isAttrs; merge = builtins.foldl' (all: one: all // one) { }; };
  };
  same = values: if builtins.all (value: value == builtins.head values) values then builtins.head values else throw "conflicting definition values";

  # What the modules of NixOS declare, as far as it is needed here.
  declared = {
    "programs.nix-ld.enable" = { type = types.bool; default = false; };
    "programs.nix-ld.package" = { type = types.package; default = pkgs.nix-ld; };
    "programs.nix-ld.libraries" = { type = types.packages; default = [ ]; };
    "environment.systemPackages" = { type = types.packages; default = [ ]; };
    "environment.variables" = { type = types.strings; default = { }; };
    "environment.sessionVariables" = { type = types.strings; default = { }; };
    "hardware.graphics.enable" = { type = types.bool; default = false; };
    "hardware.graphics.extraPackages" = { type = types.packages; default = [ ]; };
    "services.envfs.enable" = { type = types.bool; default = false; };
    "nixpkgs.config" = { type = types.strings; default = { }; };
    "system.stateVersion" = { type = types.str; default = "25.11"; };
  };

  called = module:
    let
      value = if builtins.isPath module || builtins.isString module then import module else module;
    in
    if builtins.isFunction value then value { inherit pkgs lib config; options = { }; modulesPath = ./.; } else value;
  flattened = module:
    let
      value = called module;
      rest = builtins.removeAttrs value [ "imports" "options" "_file" ];
    in
    builtins.concatMap flattened (value.imports or [ ]) ++ [ (if value ? config then value.config else rest) ];

  # The definition of every option in a module. What is said of an option itself is looked at only when it is asked for.
  leaves = path: value:
    if declared ? ${name path} then
      [ { option = name path; inherit value; } ]
    else if value._type or "" == "if" then
      lib.optionals value.condition (leaves path value.content)
    else if value._type or "" == "merge" then
      builtins.concatMap (leaves path) value.contents
    else if builtins.isAttrs value && !(value ? outPath) then
      builtins.concatMap (key: leaves (path ++ [ key ]) value.${key}) (builtins.attrNames value)
    else
      throw "The option `${name path}' does not exist.";
  ranked = priority: value:
    if value._type or "" == "if" then
      lib.optionals value.condition (ranked priority value.content)
    else if value._type or "" == "merge" then
      builtins.concatMap (ranked priority) value.contents
    else if value._type or "" == "override" then
      ranked value.priority value.content
    else
      [ { inherit value priority; } ];
  name = builtins.concatStringsSep ".";

  # What the module of nix-ld sets itself.
  nixLd = { config, ... }: {
    programs.nix-ld.libraries = with pkgs; [ zlib zstd stdenv.cc.cc curl openssl attr bzip2 libxml2 acl util-linux xz systemd ];
    environment.systemPackages = lib.optionals config.programs.nix-ld.enable [
      (pkgs.runCommand "nix-ld-libraries" { paths = map lib.getLib config.programs.nix-ld.libraries; } ''
        mkdir -p $out/share/nix-ld/lib
        for path in $paths; do cp -rsn --no-preserve=mode $path/lib/. $out/share/nix-ld/lib/; done
        ln -s ${pkgs.stdenv.cc.bintools.dynamicLinker} $out/share/nix-ld/lib/ld.so
      '')
    ];
  };

  definitions = builtins.concatMap (leaves [ ]) (builtins.concatMap flattened [ nixLd configuration ]);
  value = option: { type, default }:
    let
      mine = builtins.concatMap (one: lib.optionals (one.option == option) (ranked 100 one.value)) definitions;
      first = builtins.foldl' (least: one: if one.priority < least then one.priority else least) 10000 mine;
      values = map (one: one.value) (builtins.filter (one: one.priority == first) mine);
      wrong = builtins.filter (one: !(type.says one)) values;
    in
    if wrong != [ ] then
      throw "A definition for option `${option}' is not of the type that it wants."
    else if values == [ ] then
      default
    else
      builtins.addErrorContext "while evaluating the option `${option}':" (type.merge values);
  options = builtins.foldl' (all: option: lib.recursiveUpdate all (
    lib.setAttrByPath (builtins.filter builtins.isString (builtins.split "\\." option)) (value option declared.${option})
  )) { } (builtins.attrNames declared);
  config = options // {
    system = options.system // {
      path = builtins.seq (builtins.length definitions) (
        pkgs.buildEnv { name = "system-path"; paths = config.environment.systemPackages; }
      );
    };
  };
in
{
  inherit config pkgs;
}

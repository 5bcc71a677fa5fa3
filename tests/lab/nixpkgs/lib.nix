# The part of nixpkgs' `lib` that the tool's snippets use.
rec {
  fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  fakeSha256 = "0000000000000000000000000000000000000000000000000000000000000000";

  getLib = package: package.lib or package.out or package;
  getBin = package: package.bin or package.out or package;
  getExe = package: "${getBin package}/bin/${package.meta.mainProgram or package.pname or package.name}";
  getExe' = package: name: "${getBin package}/bin/${name}";
  makeLibraryPath = packages: concatStringsSep ":" (map (package: "${getLib package}/lib") packages);
  makeBinPath = packages: concatStringsSep ":" (map (package: "${getBin package}/bin") packages);
  makeSearchPath = folder: packages: concatStringsSep ":" (map (package: "${package}/${folder}") packages);

  inherit (builtins)
    attrNames
    attrValues
    concatStringsSep
    elem
    filter
    isAttrs
    isFunction
    isList
    listToAttrs
    ;
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: list: if condition then list else [ ];
  optionalString = condition: text: if condition then text else "";
  optionalAttrs = condition: attrs: if condition then attrs else { };
  genAttrs = names: value: listToAttrs (map (name: { inherit name; value = value name; }) names);
  unique = builtins.foldl' (known: one: if elem one known then known else known ++ [ one ]) [ ];
  escapeShellArg = text: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString text)}'";
  escapeShellArgs = list: concatStringsSep " " (map escapeShellArg list);
  removeSuffix =
    suffix: text:
    let
      rest = builtins.stringLength text - builtins.stringLength suffix;
    in
    if rest >= 0 && builtins.substring rest (-1) text == suffix then builtins.substring 0 rest text else text;

  composeExtensions =
    first: second: final: prev:
    let
      between = first final prev;
    in
    between // second final (prev // between);
  composeManyExtensions = builtins.foldl' composeExtensions (final: prev: { });

  setAttrByPath = path: value:
    if path == [ ] then value else { ${builtins.head path} = setAttrByPath (builtins.tail path) value; };
  recursiveUpdate = old: new:
    old
    // builtins.mapAttrs (
      name: value:
      if isAttrs value && isAttrs (old.${name} or null) && !(value ? drvPath) then
        recursiveUpdate old.${name} value
      else
        value
    ) new;

  importTOML = file: builtins.fromTOML (builtins.readFile file);
  importJSON = file: builtins.fromJSON (builtins.readFile file);
  licenses.mit.spdxId = "MIT";
  platforms = {
    linux = [ "x86_64-linux" "aarch64-linux" ];
    darwin = [ "x86_64-darwin" "aarch64-darwin" ];
    unix = platforms.linux ++ platforms.darwin;
  };
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  # As in nixpkgs, what is named and is not there is an error.
  fileset = {
    unions = paths: map (path: if builtins.pathExists path then toString path else throw "${toString path} does not exist") paths;
    toSource =
      { root, fileset }:
      builtins.path {
        path = root;
        name = "source";
        filter = path: _: builtins.any (one: path == one || hasPrefix "${one}/" path || hasPrefix "${path}/" one) fileset;
      };
  };

  callPackageWith =
    scope: function: given:
    let
      f = if isFunction function then function else import function;
    in
    f (builtins.intersectAttrs (builtins.functionArgs f) scope // given);

  # Values with a condition or a rank, for modules.
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkForce = content: { _type = "override"; priority = 50; inherit content; };
  mkDefault = content: { _type = "override"; priority = 1000; inherit content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
}

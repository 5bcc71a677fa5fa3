# The store's Pythons with what nixpkgs hangs on them: package sets, `withPackages`, `buildPythonPackage`, `fetchPypi`.
#
# The packages of the sets are wheels of the registry (`wheels.json`, exact and hashed), bound to the store's libraries as
# autoPatchelfHook does it; nixpkgs builds most of its own from source, and what comes out loads in the same way.
{
  lib,
  pkgs,
  data,
}:
let
  listed = builtins.fromJSON (builtins.readFile ./wheels.json);

  # Everything that these need, once each, themselves included.
  closure =
    packages:
    map (one: one.package) (
      builtins.genericClosure {
        startSet = map wrapped (builtins.filter (one: one != null) packages);
        operator = one: map wrapped (one.package.pythonDependencies or [ ]);
      }
    );
  wrapped = package: { key = builtins.unsafeDiscardStringContext "${package}"; inherit package; };

  make =
    minor:
    let
      bare = pkgs.external data.pythons.${minor};
      scope = packages // { python = self; };

      environment =
        { extraLibs ? [ ], ... }:
        pkgs.build "${bare.name}-env" "source $recipe" {
          recipe = ../store/with-packages.sh;
          wrapper = ../store/wrapper.c;
          generation = "argv0";
          version = minor;
          packages = builtins.filter (one: one.pythonMinor or null == minor) (closure extraLibs);
          python = bare;
          inherit (pkgs) glibc;
        };

      self = bare // {
        pname = "python3";
        version = lib.removeSuffix "-lab" (builtins.replaceStrings [ "python3-" ] [ "" ] bare.name);
        pythonVersion = minor;
        implementation = "cpython";
        libPrefix = "python${minor}";
        executable = "python${minor}";
        interpreter = "${bare}/bin/python${minor}";
        sitePackages = "lib/python${minor}/site-packages";
        isPy3 = true;
        buildEnv = environment // { override = environment; };
        withPackages = select: environment { extraLibs = select packages; };
        pkgs = packages;
        meta.mainProgram = "python3";
      };

      buildPythonPackage = import ./package.nix { inherit lib pkgs; python = self; };

      fetchPypi = import ./fetch-pypi.nix { inherit lib pkgs; python = self; };

      fromWheel =
        attr: wheel:
        buildPythonPackage {
          inherit (wheel) pname version;
          format = "wheel";
          src = fetchPypi { inherit (wheel) pname version hash; file = wheel.file; };
          dependencies = map (name: packages.${name}) wheel.requires;
          nativeBuildInputs = [ pkgs.autoPatchelfHook ];
          buildInputs = [ pkgs.stdenv.cc.cc.lib pkgs.zlib ];
        };

      packages = builtins.mapAttrs fromWheel listed.${minor} // {
        inherit buildPythonPackage fetchPypi;
        buildPythonApplication = buildPythonPackage;
        toPythonModule = package: package;
        python = self;
        pythonOlder = version: builtins.compareVersions minor version < 0;
        pythonAtLeast = version: builtins.compareVersions minor version >= 0;
        callPackage = lib.callPackageWith (pkgs // scope);
      };
    in
    self;

  python312 = make "3.12";
  python311 = make "3.11";
in
{
  inherit python312 python311;
  python3 = python312;
  python3Packages = python312.pkgs;
  python312Packages = python312.pkgs;
  python311Packages = python311.pkgs;
  uv = python312.pkgs.uv;
}

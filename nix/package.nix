# The package as nixpkgs wants it (pkgs/by-name/ni/nixpydoctor/package.nix): there `src` is a fetcher's and `version` a text.
{
  lib,
  python3Packages,
  # Only what the wheel is made of: a checkout also holds `.doctor`, with what make installed.
  src ? lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../LICENSE
      ../README.md
      ../pyproject.toml
      ../share
      ../src
    ];
  },
}:
let
  project = (lib.importTOML ../pyproject.toml).project;
in
python3Packages.buildPythonApplication {
  pname = project.name;
  inherit (project) version;
  pyproject = true;
  inherit src;

  build-system = [ python3Packages.hatchling ];
  dependencies = with python3Packages; [
    packaging
    psutil
    pyelftools
    rich
    typer
  ];
  # The upper bound is about start-up time, not about what works.
  pythonRelaxDeps = [ "typer" ];

  pythonImportsCheck = [ "nixpydoctor" ];

  meta = {
    inherit (project) description;
    license = lib.licenses.mit;
    mainProgram = project.name;
    platforms = lib.platforms.unix;
  };
}

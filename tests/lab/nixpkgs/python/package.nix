# buildPythonPackage: from a wheel, or from a source by the build system that it names; then the hooks of the fixup phase.
{
  lib,
  pkgs,
  python,
}:
given:
let
  spec = if lib.isFunction given then given spec else given;
  dependencies = spec.dependencies or [ ] ++ spec.propagatedBuildInputs or [ ];
  system = spec.build-system or [ ] ++ lib.optionals (spec.format or "" == "setuptools") [ python.pkgs.setuptools ];
  ours = [
    "build-system"
    "dependencies"
    "optional-dependencies"
    "propagatedBuildInputs"
    "nativeBuildInputs"
    "passthru"
    "meta"
    "disabled"
    "pyproject"
    "format"
  ];
  format =
    if spec ? format then
      spec.format
    else if spec.pyproject or false then
      "pyproject"
    else
      throw "${spec.pname}: neither format nor pyproject is set";
  built =
    pkgs.build "${python.libPrefix}-${spec.pname}-${spec.version}" "source ${./package.sh}" (
      builtins.removeAttrs spec ours
      // {
        inherit python format;
        inherit (pkgs) glibc;
        minor = python.pythonVersion;
        # Hooks of the inputs are sourced; the Python's own would only be in the way of its builder.
        dontAddPythonPath = true;
        nativeBuildInputs = spec.nativeBuildInputs or [ ];
        buildPath = map (one: "${one}/${python.sitePackages}") (closure (system ++ spec.nativeBuildInputs or [ ]));
        runPath = map (one: "${one}/${python.sitePackages}") (closure dependencies);
        propagated = dependencies ++ [ python ];
      }
    );
  closure =
    packages:
    map (one: one.package) (
      builtins.genericClosure {
        startSet = map wrapped (builtins.filter (one: one ? pythonMinor) packages);
        operator = one: map wrapped one.package.pythonDependencies;
      }
    );
  wrapped = package: { key = builtins.unsafeDiscardStringContext "${package}"; inherit package; };
  again = change: import ./package.nix { inherit lib pkgs python; } (spec // (if lib.isFunction change then change spec else change));
in
if spec.disabled or false then
  throw "${spec.pname}-${spec.version} not supported for interpreter ${python.executable}"
else
  built
  // {
    inherit (spec) pname version;
    inherit dependencies;
    pythonDependencies = dependencies;
    pythonMinor = python.pythonVersion;
    pythonModule = python;
    meta = { mainProgram = spec.pname; } // spec.meta or { };
    overridePythonAttrs = again;
    overrideAttrs = again;
  }
  // spec.passthru or { }

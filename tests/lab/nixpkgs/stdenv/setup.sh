# Puts the inputs of a builder or a shell in force: their programs on PATH, their hooks run. Sourced; keeps the shell's options.
#
# As nixpkgs' stdenv does it: inputs bring what they propagate, an earlier one comes first on PATH, and each hook of the
# environment is run for every input.
declare -A _lab_seen=()
_lab_inputs=()
_lab_path=
envHooks=()

addEnvHooks() { shift; envHooks+=("$@"); } # OFFSET FUNCTION...

addToSearchPathWithCustomDelimiter() { # DELIMITER VARIABLE FOLDER
  if [ -d "$3" ]; then export "$2=${!2:+${!2}$1}$3"; fi
}

addToSearchPath() { addToSearchPathWithCustomDelimiter : "$1" "$2"; }

_lab_activate() { # STORE PATH
  local input=$1 further
  if [ ! -e "$input" ] || [ -n "${_lab_seen[$input]-}" ]; then return 0; fi
  _lab_seen[$input]=1
  _lab_inputs+=("$input")
  if [ -d "$input/bin" ]; then _lab_path=${_lab_path:+$_lab_path:}$input/bin; fi
  if [ -f "$input/nix-support/setup-hook" ]; then source "$input/nix-support/setup-hook"; fi
  _lab_python "$input"
  if [ -f "$input/nix-support/propagated-build-inputs" ]; then
    for further in $(<"$input/nix-support/propagated-build-inputs"); do _lab_activate "$further"; done
  fi
}

# The hook that nixpkgs' bare Python carries: every input with its site-packages goes to PYTHONPATH. An environment of
# withPackages has links for files and brings no hook.
_lab_python() {
  local os=$(echo "$1"/lib/python3.*/os.py)
  if [ ! -f "$os" ] || [ -L "$os" ]; then return 0; fi
  local lib=${os%/os.py} data
  eval "addPythonPath_${lib##*.}() { addToSearchPath PYTHONPATH \"\$1/lib/${lib##*/}/site-packages\"; }"
  if [ -z "${dontAddPythonPath-}" ]; then addEnvHooks 0 "addPythonPath_${lib##*.}"; fi
  data=$(echo "$lib"/_sysconfigdata_*.py)
  data=${data##*/}
  export _PYTHON_HOST_PLATFORM=linux-x86_64 _PYTHON_SYSCONFIGDATA_NAME=${data%.py}
  export DETERMINISTIC_BUILD=1 PYTHONHASHSEED=0 PYTHONNOUSERSITE=1
}

for _lab_one in ${nativeBuildInputs-} ${propagatedNativeBuildInputs-} ${buildInputs-} ${propagatedBuildInputs-}; do
  _lab_activate "$_lab_one"
done
for _lab_one in "${_lab_inputs[@]}"; do
  for _lab_hook in "${envHooks[@]}"; do "$_lab_hook" "$_lab_one"; done
done
export PATH="${_lab_path:+$_lab_path:}${PATH-}"
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-315532800}
unset _lab_one _lab_hook _lab_path

runHook() { # NAME: the variable of that name as a script
  if [ -n "${!1-}" ]; then eval "${!1}"; fi
}

# Gives every object of an output the folders of the libraries that it needs, out of the inputs. Sourced by setup.

autoPatchelf() { # FOLDER
  local file needed folder rpath lacking=0
  local folders=()
  for folder in ${buildInputs-} ${propagatedBuildInputs-}; do folders+=("$folder/lib"); done
  while read -r file; do
    rpath=$(patchelf --print-rpath "$file" 2>/dev/null) || continue
    for needed in $(patchelf --print-needed "$file"); do
      if [ -e "$glibc/lib/$needed" ] || _lab_beside "$file" "$rpath" "$needed"; then continue; fi
      folder=$(_lab_holding "$needed" "$1" "${folders[@]}")
      if [ -n "$folder" ]; then
        case ":$rpath:" in *":$folder:"*) ;; *) rpath=${rpath:+$rpath:}$folder ;; esac
      elif [[ " ${autoPatchelfIgnoreMissingDeps-} " != *" $needed "* ]]; then
        echo "error: auto-patchelf could not satisfy dependency $needed wanted by $file" >&2
        lacking=1
      fi
    done
    patchelf --force-rpath --set-rpath "${rpath:+$rpath:}$glibc/lib" "$file"
    if patchelf --print-interpreter "$file" >/dev/null 2>&1; then
      patchelf --set-interpreter "$glibc/lib/ld-linux-x86-64.so.2" "$file"
    fi
  done < <(find "$1" -type f \( -name '*.so' -o -name '*.so.*' -o -perm -100 \))
  return $lacking
}

_lab_beside() { # OBJECT RPATH SONAME: whether its own search path leads there
  local folder
  for folder in ${2//:/ }; do
    if [ -e "${folder//\$ORIGIN/$(dirname "$1")}/$3" ]; then return 0; fi
  done
  return 1
}

_lab_holding() { # SONAME OUTPUT FOLDER...: the folder that holds it
  local soname=$1 output=$2 folder found
  shift 2
  found=$(find "$output" -name "$soname" -print -quit)
  if [ -n "$found" ]; then dirname "$found"; return; fi
  for folder in "$@"; do
    if [ -e "$folder/$soname" ]; then echo "$folder"; return; fi
  done
}

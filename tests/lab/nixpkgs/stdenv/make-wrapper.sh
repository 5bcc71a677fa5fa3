# makeWrapper and wrapProgram of nixpkgs, in the form that writes a shell script. Sourced by setup.

makeWrapper() { # ORIGINAL WRAPPER OPTION...
  local original=$1 wrapper=$2 before= flags= after= name=
  shift 2
  while [ $# -gt 0 ]; do
    case $1 in
      --set) before+="export $2=$(_lab_quoted "$3")"$'\n'; shift 3 ;;
      --set-default) before+="export $2=\${$2-$(_lab_quoted "$3")}"$'\n'; shift 3 ;;
      --unset) before+="unset $2"$'\n'; shift 2 ;;
      --run) before+="$2"$'\n'; shift 2 ;;
      --chdir) before+="cd $(_lab_quoted "$2")"$'\n'; shift 2 ;;
      --prefix) before+="export $2=$(_lab_quoted "$4")\${$2:+$(_lab_quoted "$3")}\${$2-}"$'\n'; shift 4 ;;
      --suffix) before+="export $2=\${$2-}\${$2:+$(_lab_quoted "$3")}$(_lab_quoted "$4")"$'\n'; shift 4 ;;
      --add-flag) flags+=" $(_lab_quoted "$2")"; shift 2 ;;
      --add-flags) flags+=" $2"; shift 2 ;;
      --append-flag) after+=" $(_lab_quoted "$2")"; shift 2 ;;
      --append-flags) after+=" $2"; shift 2 ;;
      --argv0) name="-a $(_lab_quoted "$2")"; shift 2 ;;
      --inherit-argv0) name='-a "$0"'; shift ;;
      --resolve-argv0) shift ;;
      *) echo "makeWrapper doesn't understand the arg $1" >&2; return 1 ;;
    esac
  done
  mkdir -p "$(dirname "$wrapper")"
  printf '#!/bin/bash -e\n%sexec %s "%s"%s "$@"%s\n' "$before" "$name" "$original" "$flags" "$after" >"$wrapper"
  chmod 755 "$wrapper"
}

makeShellWrapper() { makeWrapper "$@"; }

wrapProgram() { # PROGRAM OPTION...
  local program=$1
  local hidden=$(dirname "$program")/.$(basename "$program")-wrapped
  shift
  mv "$program" "$hidden"
  makeWrapper "$hidden" "$program" --inherit-argv0 "$@"
}

_lab_quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

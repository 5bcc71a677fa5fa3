# Words that several builders share. Sourced.

host_library() { # SONAME: where the host's own loader would find it
  ldconfig -p | awk -v want="$1" '$1 == want && /x86-64|AArch64/ && !seen { print $NF; seen = 1 }'
}

c_library() { # SONAME: does the C library bring it?
  case $1 in
    ld-linux*|libc.so.6|libm.so.6|libpthread.so.0|libdl.so.2|librt.so.1|libutil.so.1|libresolv.so.2|libanl.so.1|libmvec.so.1) true ;;
    *) false ;;
  esac
}

gather() { # FOLDER RPATH SONAME...: copies libraries of the host with what they need; what it lacks is listed in `absent`
  local folder=$1 rpath=$2 soname from queue
  shift 2; queue=("$@")
  mkdir -p $folder
  while [ ${#queue[@]} -gt 0 ]; do
    soname=${queue[0]}; queue=("${queue[@]:1}")
    if [ -e $folder/$soname ] || c_library $soname; then continue; fi
    from=$(host_library $soname)
    if [ -z "$from" ]; then echo $soname >>$folder/absent; continue; fi
    cp -L $from $folder/$soname; chmod u+w $folder/$soname
    queue+=($(patchelf --print-needed $folder/$soname))
    patchelf --set-rpath "$rpath" $folder/$soname
  done
}

needed_by() { # OBJECT...: every soname that one of them needs, once
  local f
  for f in "$@"; do [ -L $f ] || patchelf --print-needed $f; done | sort -u
}

# The program of an environment: enter.sh with everything filled in.
mkdir -p $out/bin
{
  echo "#!$bash/bin/bash"
  for variable in rootfs init glibc; do echo "$variable=${!variable}"; done
  echo "bwrap=$(command -v bwrap) readlink=$(command -v readlink) extra=($extraBwrapArgs)"
  cat $script
} >$out/bin/$name
chmod 755 $out/bin/$name

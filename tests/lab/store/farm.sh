# One folder of links to the libraries of several store paths; with `glibc`, the loader beside them as NixOS' module puts it.
shopt -s nullglob
mkdir -p $out/$folder
for p in $paths; do
  for f in $p/lib/*.so*; do [ -e $out/$folder/$(basename $f) ] || ln -s $f $out/$folder/$(basename $f); done
done
[ -z "$glibc" ] || ln -s $(echo $glibc/lib/ld-linux-*.so.[12]) $out/$folder/ld.so

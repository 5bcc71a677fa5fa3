# A Python with packages: the bare Python's files and the packages' as links, and a compiled wrapper in front.
site=lib/python$version/site-packages
mkdir -p $out/bin $out/$site
for f in $python/bin/*; do ln -s $f $out/bin/$(basename $f); done
for part in lib lib/python$version; do
  for f in $python/$part/*; do
    name=$(basename $f)
    [ -e $out/$part/$name ] || [ $name = site-packages ] || ln -s $f $out/$part/$name
  done
done
for p in $python $packages; do for f in $p/$site/*; do ln -sf $f $out/$site/$(basename $f); done; done
ln -s $python/include $out/include

compile() { # NAME OF THE PROGRAM
  rm -f $out/bin/$1
  gcc -O1 -DPROGRAM="\"$python/bin/$1\"" -DPREFIX="\"$out\"" -DSELF="\"$out/bin/$1\"" -DPACKAGES="\"$out/$site\"" \
    -DGENERATION_${generation^^} $wrapper -o $out/bin/$1
  patchelf --set-interpreter $(echo $glibc/lib/ld-linux-*.so.[12]) --set-rpath $glibc/lib $out/bin/$1
}
compile python$version
for name in python python3; do ln -sf python$version $out/bin/$name; done

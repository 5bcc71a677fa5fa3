# A Python as a download brings it: the interp of the distributions, its libraries beside it, every path relative.
. $library
shopt -s nullglob
mkdir -p $out
cp -r $src/. $out/
chmod -R u+w $out
cd $out
find bin -mindepth 1 ! -name python ! -name python3 ! -name "python$version" -delete
mkdir -p lib/python$version/site-packages
objects=(bin/python$version lib/libpython$version.so.* lib/python$version/lib-dynload/*.so)
gather $out/lib '$ORIGIN' $(needed_by "${objects[@]}" | grep -v '^libpython')
patchelf --set-rpath '$ORIGIN/../lib' bin/python$version
for f in lib/libpython$version.so.*; do patchelf --set-rpath '$ORIGIN' $f; done
for f in lib/python$version/lib-dynload/*.so; do patchelf --set-rpath '$ORIGIN/../..' $f; done
for f in lib/python$version/_sysconfigdata_*.py; do
  was=$(sed -n "s/^ *'prefix': '\(.*\)',\$/\1/p" $f)
  [ -z "$was" ] || sed -i "s,$was,/install,g" $f
done

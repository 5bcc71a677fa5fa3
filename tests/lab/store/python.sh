# A CPython of the host, moved into the store: its interp and every runpath point at the store's C library.
shopt -s nullglob
mkdir -p $out
cp -r $src/. $out/
chmod -R u+w $out
cd $out
find bin -mindepth 1 ! -name python ! -name python3 ! -name "python$version" -delete
mkdir -p lib/python$version/site-packages
cp $sitecustomize lib/python$version/site-packages/sitecustomize.py

rpath=$out/lib:$pythonLibs/lib:$zlib/lib:$glibc/lib
patchelf --set-interpreter $(echo $glibc/lib/ld-linux-*.so.[12]) bin/python$version
for f in bin/python$version lib/libpython$version.so.* lib/python$version/lib-dynload/*.so; do
  patchelf --set-rpath $rpath $f
done

# What nixpkgs changes: no ldconfig for find_library, and up to 3.11 no gcc either.
util=lib/python$version/ctypes/util.py
sed -i '/^        def _findSoname_ldconfig(name):/a\            return None' $util
if [ "${version#3.}" -le 11 ]; then sed -i 's/_get_soname(_findLib_gcc(name)) or _get_soname/_get_soname/' $util; fi

# The build's variables name the folder where the host had it.
for f in lib/python$version/_sysconfigdata_*.py; do
  was=$(sed -n "s/^ *'prefix': '\(.*\)',\$/\1/p" $f)
  [ -z "$was" ] || sed -i "s,$was,$out,g" $f
done
bin/python$version -B -m compileall -q --invalidation-mode unchecked-hash lib/python$version >/dev/null || true

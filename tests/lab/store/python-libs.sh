# Every library that this CPython's own extensions need and neither the C library nor zlib brings.
. $library
wanted=$(needed_by $src/bin/python$version $src/lib/libpython$version.so.* $src/lib/python$version/lib-dynload/*.so \
  | grep -v -e '^libz\.so' -e '^libpython')
gather $out/lib $out/lib:$glibc/lib:$zlib/lib $wanted

# A program of the host, bound to the store's C library, with the other libraries that it needs beside it.
. $library
mkdir -p $out/bin
cp -L $(command -v $program) $out/bin/$program
chmod u+w $out/bin/$program
gather $out/lib $out/lib:$glibc/lib $(patchelf --print-needed $out/bin/$program)
patchelf --set-interpreter $(echo $glibc/lib/ld-linux-*.so.[12]) --set-rpath $out/lib:$glibc/lib $out/bin/$program

# A library linked with the newer C library: it wants a version node that the other C library does not have.
mkdir -p $out/lib
# Any function of the newest node will do; which one it is depends on the release.
name=$(objdump -T $glibc/lib/libc.so.6 | awk -v node="GLIBC_$node" '$6 == node && / DF \.text/ { print $7 }' | tail -n1)
[ -n "$name" ]
printf 'extern void %s(void);\nvoid *labfresh(void) { return (void *)%s; }\n' $name $name >fresh.c
gcc -shared -fPIC -fno-builtin -nostdlib fresh.c -o $out/lib/liblabfresh.so.1 -Wl,-soname,liblabfresh.so.1 $glibc/lib/libc.so.6
patchelf --set-rpath $glibc/lib $out/lib/liblabfresh.so.1

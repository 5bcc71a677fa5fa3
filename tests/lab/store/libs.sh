# Shared libraries of the host, moved into the store and bound to the store's own C library.
. $library
gather $out/lib $out/lib:$glibc/lib $wanted
